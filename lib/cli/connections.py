"""``muster connections``: Mailchimp accounts."""

import os
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, say, show
from lib.config import accounts
from lib.errors import InputError, RefusedError
from lib.store import connections
from lib.store.connections import Connection

app = typer.Typer(help="Mailchimp accounts that exports may use.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the connection.")]
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
    api_key_env: KeyVariable,
    api_url: Annotated[
        str, typer.Option(help="Another server that speaks Mailchimp's API, such as practice.")
    ] = "",
    share: Annotated[
        str, typer.Option(metavar="contributors", help="Let contributors use it.")
    ] = "",
    i_agree: Annotated[bool, typer.Option("--i-agree", help="Agree that data leave.")] = False,
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
            _key(api_key_env),
            api_url=api_url,
            shared=bool(share),
            agreed=True,
        )
    show(_record(kept), as_json=as_json)


def _key(variable: str) -> str:
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
def rotate(name: Name, api_key_env: KeyVariable) -> None:
    """Replace the key of a connection, after the new one was tried."""
    with place.office() as office:
        accounts.rotate(office, name, _key(api_key_env))
    say(f"{name} uses the new key from now on.")


@app.command()
def remove(name: Name) -> None:
    """Remove a connection and its key; refused while exports use it."""
    with place.office() as office:
        connections.remove(office.store, office.who, name)
    say(f"{name} and its key were removed.")
