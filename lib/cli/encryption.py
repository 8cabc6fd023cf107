"""``muster secrets``: the key that encrypts what must not be read."""

from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, done, say
from lib.config import encryption

app = typer.Typer(help="The key that encrypts kept secrets.", no_args_is_help=True)


@app.callback()
def secrets() -> None:
    """Have the command of the only thing to do named as well."""


@app.command()
def rotate(
    to: Annotated[
        str,
        typer.Option(
            metavar="PLACE",
            help="Where the new key is to be: file (made in the state directory), keyring:NAME "
            "(made there), or env:VARIABLE (which holds it).",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Encrypt every kept API key, token and webhook with another key; end app and worker first.

    The former key opens nothing any more, except in backups of before.
    """
    with place.office() as office:
        made = encryption.replace(office, to)
    what = {"secrets": made.secrets, "setting": made.setting or None}
    done(what, f"Secrets encrypted with the new key: {made.secrets:,}.", as_json=as_json)
    if made.setting:
        say(f"Before you start Muster again, let MUSTER_SECRET_KEY be {made.setting}.")
