"""``muster connections``: Mailchimp accounts."""

import os
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, say, show
from lib.config import accounts
from lib.errors import InputError, RefusedError
from lib.store import connections, consent
from lib.store.connections import Connection

app = typer.Typer(help="Mailchimp accounts that exports may use.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the connection.")]
Agreed = Annotated[bool, typer.Option("--i-agree", help="Agree that data leave.")]
Reference = Annotated[
    str,
    typer.Option(
        metavar="REF",
        help="Where the key is instead: env:MAILCHIMP_NAME, secret:NAME or command:NAME.",
    ),
]
KeyVariable = Annotated[
    str, typer.Option("--api-key-env", metavar="VAR", help="Environment variable with the key.")
]

CONSENT = (
    "Data sent to Mailchimp leave this installation and its compliance boundary, and may be "
    "personal. You are responsible that Mailchimp meets your obligations. Add --i-agree to agree; "
    "an administrator can withdraw that at any time."
)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="How people will know it.")],
    api_key_env: KeyVariable = "",
    api_key_ref: Reference = "",
    api_url: Annotated[
        str, typer.Option(help="Another server that speaks Mailchimp's API, such as practice.")
    ] = "",
    share: Annotated[
        str, typer.Option(metavar="contributors", help="Let contributors use it.")
    ] = "",
    i_agree: Agreed = False,
    export_user: Annotated[
        str, typer.Option(help="On whose behalf scheduled exports read the profiles.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Connect a Mailchimp account; its key is tried, then stored encrypted."""
    if share not in ("", "contributors"):
        raise InputError("A connection can be shared with contributors: --share contributors.")
    if not i_agree:
        raise RefusedError(CONSENT)
    with place.office() as office:
        kept = accounts.connect_account(
            office,
            name,
            _key(api_key_env, api_key_ref),
            api_url=api_url,
            shared=bool(share),
            agreed=True,
            export_user=export_user,
            reference=api_key_ref,
        )
    show(_record(kept), as_json=as_json)


def _key(variable: str, reference: str) -> str:
    if bool(variable) == bool(reference):
        raise InputError("Give either --api-key-env or --api-key-ref.")
    if reference:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise InputError(f"The environment variable {variable} is empty; put the API key there.")
    return key


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the connections; keys are never shown."""
    with place.office() as office:
        kept = connections.all(office.store, office.who)
    rows = [_record(connection) for connection in kept]
    show(rows, as_json=as_json, columns=("name", "account", "shared_with", "created_at"))


def _record(connection: Connection) -> dict[str, object]:
    return {
        "id": connection.id,
        "name": connection.name,
        "type": "Mailchimp (practice)" if connection.practice else "Mailchimp",
        "account": connection.account_name,
        "data_centre": connection.data_centre,
        "api_url": connection.api_url,
        "shared_with": "contributors" if connection.shared else "administrators only",
        "key": {"key": "kept here, encrypted", "oauth": "signed in", "reference": "kept elsewhere"}[
            connection.auth
        ],
        "export_user": connection.export_user,
        "contract_limit": connection.contract_limit,
        "contract_blocks": connection.contract_blocks,
        "agreed_by": connection.agreed_by,
        "agreed_at": connection.agreed_at,
        "created_at": connection.created_at,
        "created_by": connection.created_by,
    }


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
def rotate(name: Name, api_key_env: KeyVariable = "", api_key_ref: Reference = "") -> None:
    """Replace the key of a connection, or where it is, after the new one was tried."""
    with place.office() as office:
        accounts.rotate(office, name, _key(api_key_env, api_key_ref), reference=api_key_ref)
    say(f"{name} uses the new key from now on.")


@app.command()
def edit(
    name: Name,
    rename: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    api_url: Annotated[str | None, typer.Option(help="Of another server.")] = None,
    export_user: Annotated[str | None, typer.Option(help="Who scheduled exports act for.")] = None,
    as_json: Json = False,
) -> None:
    """Change what is given, and nothing else."""
    with place.office() as office:
        kept = connections.edit(
            office.store, office.who, name, name=rename, api_url=api_url, export_user=export_user
        )
    show(_record(kept), as_json=as_json)


@app.command()
def share(
    name: Name,
    contributors: Annotated[
        bool, typer.Option("--contributors/--nobody", help="Let contributors use it, or stop.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Let contributors use a connection; they see its name and type only."""
    with place.office() as office:
        kept = connections.edit(office.store, office.who, name, shared=contributors)
    show(_record(kept), as_json=as_json)


@app.command()
def withdraw(name: Name, as_json: Json = False) -> None:
    """Withdraw consent: nothing is sent over it from now on, and what is running stops."""
    with place.office() as office:
        kept = consent.withdraw(office.store, office.who, name)
    show(_record(kept), as_json=as_json)


@app.command()
def agree(name: Name, i_agree: Agreed = False, as_json: Json = False) -> None:
    """Agree again that data leave over a connection."""
    if not i_agree:
        raise RefusedError(CONSENT)
    with place.office() as office:
        kept = consent.agree(office.store, office.who, name)
    show(_record(kept), as_json=as_json)


@app.command()
def limit(
    name: Name,
    contacts: Annotated[
        int | None, typer.Argument(metavar="[CONTACTS]", help="None forgets the limit.")
    ] = None,
    block: Annotated[
        bool | None, typer.Option("--block/--warn", help="Refuse what exceeds it, or warn.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep how many contacts the contract with Mailchimp allows."""
    with place.office() as office:
        connections.set_contract_limit(office.store, office.who, name, contacts)
        kept = connections.edit(office.store, office.who, name, contract_blocks=block)
    show(_record(kept), as_json=as_json)


@app.command()
def remove(name: Name) -> None:
    """Remove a connection and its key; refused while exports use it."""
    with place.office() as office:
        connections.remove(office.store, office.who, name)
    say(f"{name} and its key were removed.")
