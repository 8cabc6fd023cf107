"""``muster people``: one person's data."""

from dataclasses import asdict
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, say, show
from lib.runs import purge as runs_purge

app = typer.Typer(help="One person's data.", no_args_is_help=True)


@app.callback()
def people() -> None:
    """One person's data."""


@app.command()
def purge(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Of the person.")],
    as_json: Json = False,
) -> None:
    """Remove every trace of a person from what Muster keeps, and print a receipt."""
    with place.office() as office:
        receipt = runs_purge.purge_person(office.store, office.settings, office.who, address)
    show(asdict(receipt), as_json=as_json)
    if receipt.segments:
        say("These segments hold the address; change them: " + ", ".join(receipt.segments))
    if receipt.audit_entries:
        say(f"{receipt.audit_entries} entries of the audit log hold it; the log is never changed.")
    say("Sources and Mailchimp were left alone: remove the person there as well.")
