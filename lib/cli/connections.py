"""``muster connections``: Mailchimp accounts."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from lib.cli import connecting, meters, place
from lib.cli.connecting import CONSENT, Agreed, Name
from lib.cli.connection_row import COLUMNS, row
from lib.cli.output import Json, done, say, show
from lib.config import Office, accounts, removal
from lib.config.configuration import NO_LIMIT
from lib.errors import InputError, RefusedError
from lib.runs import contract
from lib.runs.contract import Room
from lib.store import connections, consent, exports
from lib.store.connections import Connection

app = typer.Typer(help="Mailchimp accounts that exports may use.", no_args_is_help=True)
connecting.add_to(app)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Order(StrEnum):
    """What a list of connections can be sorted by."""

    NAME = "name"
    TYPE = "type"
    CREATED = "created"
    CREATOR = "creator"
    ACCESS = "access"
    ACCOUNT = "account"


_ORDERS: dict[Order, Callable[[Connection], object]] = {
    Order.NAME: lambda one: one.name.casefold(),
    Order.TYPE: lambda one: one.practice,
    Order.CREATED: lambda one: one.created_at or _LONG_AGO,
    Order.CREATOR: lambda one: one.created_by.casefold(),
    Order.ACCESS: lambda one: not one.shared,
    Order.ACCOUNT: lambda one: one.account_name.casefold(),
}


@app.command("list")
def list_(
    sort: Annotated[Order, typer.Option(help="What to sort by.")] = Order.NAME,
    descending: Annotated[bool, typer.Option("--descending", help="The other way round.")] = False,
    as_json: Json = False,
) -> None:
    """List the connections; keys are never shown."""
    with place.office() as office:
        kept = connections.all(office.store, office.who)
        every = exports.all(office.store, office.who)
    ordered = sorted(kept, key=_ORDERS[sort], reverse=descending)  # type: ignore[arg-type]
    used = {one.id: [each.name for each in every if each.connection_id == one.id] for one in kept}
    rows = [row(connection, used[connection.id]) for connection in ordered]
    show(rows, as_json=as_json, columns=COLUMNS)


@app.command("show")
def show_(name: Name, as_json: Json = False) -> None:
    """Show one connection, which exports use it, and how full its contract is; never its key."""
    with place.office() as office:
        found = connections.get(office.store, office.who, name)
        used = [one.name for one in removal.users(office, found.id)]
        full = meters.measured(lambda: _room(office, found))
    show({**row(found, used), "contract": full}, as_json=as_json)


def _room(office: Office, of: Connection) -> Room | None:
    if of.contract_limit is None:
        return None
    held = contract.held(office.store, office.settings, office.who, of.id)
    return Room(of.contract_limit, of.contract_blocks, held, 0)


@app.command()
def test(name: Name, as_json: Json = False) -> None:
    """Ask Mailchimp whether the key still works, and whose account it is."""
    with place.office() as office:
        account = accounts.test(office, name)
    found = {
        "ok": True,
        "account": account.name,
        "role": account.role,
        "plan": account.plan,
        "subscribers": account.total_subscribers,
    }
    show(found, as_json=as_json)


@app.command()
def audiences(name: Name, as_json: Json = False) -> None:
    """List the account's audiences with their IDs."""
    with place.office() as office, accounts.open_account(office, name) as client:
        found = client.audiences()
    rows = [
        {"id": audience.id, "name": audience.name, "subscribed": audience.members}
        for audience in found
    ]
    show(rows, as_json=as_json)


@app.command()
def fields(name: Name, audience: str, as_json: Json = False) -> None:
    """List the merge fields of an audience."""
    with place.office() as office, accounts.open_account(office, name) as client:
        found = client.merge_fields(audience)
    rows = [
        {"tag": field.tag, "name": field.name, "type": field.type, "required": field.required}
        for field in found
    ]
    show(rows, as_json=as_json)


@app.command()
def edit(
    name: Name,
    rename: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    export_user: Annotated[str | None, typer.Option(help="Who scheduled exports act for.")] = None,
    as_json: Json = False,
) -> None:
    """Change what is given, and nothing else; `rotate` changes key and address."""
    with place.office() as office:
        kept = accounts.edit(office, name, name=rename, export_user=export_user)
    show(row(kept), as_json=as_json)


@app.command()
def share(
    name: Name,
    contributors: Annotated[
        bool, typer.Option("--contributors/--nobody", help="Let contributors use it, or stop.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Let contributors use a connection; they see its name and type only."""
    kept = place.do(connections.edit, name, shared=contributors)
    show(row(kept), as_json=as_json)


@app.command()
def withdraw(name: Name, as_json: Json = False) -> None:
    """Withdraw consent: nothing is sent over it from now on, and what is running stops."""
    kept = place.do(consent.withdraw, name)
    show(row(kept), as_json=as_json)


@app.command()
def agree(name: Name, i_agree: Agreed = False, as_json: Json = False) -> None:
    """Agree again that data leave over a connection."""
    if not i_agree:
        raise RefusedError(CONSENT)
    kept = place.do(consent.agree, name)
    show(row(kept), as_json=as_json)


@app.command()
def limit(
    name: Name,
    contacts: Annotated[
        str, typer.Argument(metavar="[CONTACTS]", help="How many, or none to forget the limit.")
    ] = "",
    block: Annotated[
        bool | None, typer.Option("--block/--warn", help="Refuse what exceeds it, or warn.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep how many contacts the contract with Mailchimp allows; what is left out stays."""
    with place.office() as office:
        if contacts:
            connections.set_contract_limit(office.store, office.who, name, _limit(contacts))
        kept = connections.edit(office.store, office.who, name, contract_blocks=block)
    show(row(kept), as_json=as_json)


@app.command()
def remove(
    name: Name,
    detach: Annotated[
        bool, typer.Option("--detach", help="Exports that use it keep their set-up without it.")
    ] = False,
    remove_exports: Annotated[
        bool, typer.Option("--remove-exports", help="Remove the exports that use it as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove a connection and its key; refused while exports use it, unless you say what then."""
    if detach and remove_exports:
        raise InputError("Either --detach or --remove-exports.")
    fate: removal.Fate | None = "detach" if detach else "remove" if remove_exports else None
    with place.office() as office:
        parted = removal.remove(office, name, fate)
    for one in parted:
        say(f"The export {one.name} was {'detached' if detach else 'removed'}.")
    gone = {"name": name, "removed": True, "exports": [one.name for one in parted]}
    done(gone, f"{name} and its key were removed.", as_json=as_json)


def _limit(given: str) -> int | None:
    """Read a limit as a configuration file has it.

    Raises:
        InputError: it is neither a number nor none.
    """
    if given.casefold() == NO_LIMIT:
        return None
    try:
        return int(given)
    except ValueError:
        raise InputError("Give the number of contacts, such as 25000, or none.") from None
