"""``muster connections add|rotate|renew``: the ways Muster gets into an account."""

import os
import threading
import webbrowser
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.connection_row import row
from lib.cli.landing import landing
from lib.cli.output import Json, done, say, show
from lib.config import Office, accounts
from lib.config.oauth import VALID_S, SignIns, Wish
from lib.errors import InputError, RefusedError
from lib.store.agreement import TERMS
from lib.store.connections import Connection

PORT = 8970
CONSENT = f"{TERMS} Add --i-agree to agree."
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
Port = Annotated[
    int,
    typer.Option(
        min=0,
        max=65535,
        help="Where the browser comes back to on this machine; register http://127.0.0.1:PORT/ as "
        "redirect URI of the app at Mailchimp.",
    ),
]
Browser = Annotated[
    bool, typer.Option("--browser/--no-browser", help="Open the browser, or only print where to.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of connections."""
    app.command()(add)
    app.command()(rotate)
    app.command()(renew)


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="How people will know it.")],
    api_key_env: KeyVariable = "",
    api_key_ref: Reference = "",
    oauth: Annotated[bool, typer.Option("--oauth", help="Sign in to Mailchimp instead.")] = False,
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
    port: Port = PORT,
    browser: Browser = True,
    as_json: Json = False,
) -> None:
    """Connect a Mailchimp account; its key is tried, then stored encrypted."""
    if share not in ("", "contributors"):
        raise InputError("A connection can be shared with contributors: --share contributors.")
    if not i_agree:
        raise RefusedError(CONSENT)
    key = _key(api_key_env, api_key_ref, oauth=oauth)
    with place.office() as office:
        if oauth:
            wish = Wish(name, shared=bool(share), agreed=True, export_user=export_user)
            kept = _sign_in(office, wish, port, browser=browser)
        else:
            kept = accounts.connect_account(
                office,
                name,
                key,
                api_url=api_url,
                shared=bool(share),
                agreed=True,
                export_user=export_user,
                reference=api_key_ref,
            )
    show(row(kept), as_json=as_json)


def rotate(
    name: Name,
    api_key_env: KeyVariable = "",
    api_key_ref: Reference = "",
    api_url: Annotated[
        str | None, typer.Option(help="Address of the API, when that is another as well.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Replace the key of a connection, or where it is, after the new one was tried."""
    key = _key(api_key_env, api_key_ref)
    with place.office() as office:
        kept = accounts.rotate(office, name, key, reference=api_key_ref, api_url=api_url)
    done(row(kept), f"{name} uses the new key from now on.", as_json=as_json)


def renew(name: Name, port: Port = PORT, browser: Browser = True, as_json: Json = False) -> None:
    """Sign in to Mailchimp again for a connection, such as after the sign-in was revoked."""
    with place.office() as office:
        wish = Wish("", shared=False, agreed=False, renew=name)
        kept = _sign_in(office, wish, port, browser=browser)
    show(row(kept), as_json=as_json)


def _key(variable: str, reference: str, *, oauth: bool = False) -> str:
    if [bool(variable), bool(reference), oauth].count(True) != 1:
        raise InputError("Say one way in: --api-key-env, --api-key-ref or --oauth.")
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise InputError(f"The environment variable {variable} is empty; put the API key there.")
    return key


def _sign_in(office: Office, wish: Wish, port: int, *, browser: bool) -> Connection:
    sign_ins = SignIns()
    with landing(port) as there:
        # Whoever holds the listener is the one who began; the state is this process's alone.
        url = sign_ins.begin(office, wish, redirect_uri=there.address, browser="")
        say(f"Open this address and allow it; Mailchimp sends the browser back here:\n{url}")
        if browser:
            # Beside: some browsers keep the one who opens them waiting, and they wait for us.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        return sign_ins.finish(office, there.wait(VALID_S), browser="")
