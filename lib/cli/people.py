"""``muster people``: who may do what, and one person's data."""

from dataclasses import asdict
from typing import Annotated

import typer

from lib import settings
from lib.access import RIGHTS, Action, Role
from lib.cli import place
from lib.cli.output import Json, say, show
from lib.config.roster import roster
from lib.runs.keeping import purge as runs_purge

app = typer.Typer(help="Who may do what, and one person's data.", no_args_is_help=True)


@app.command()
def roles(as_json: Json = False) -> None:
    """List what each role may do and who has it; the settings of the installation say so."""
    chosen = roster(settings.load())
    listed = {
        Role.ADMINISTRATOR: chosen.administrators,
        Role.CONTRIBUTOR: chosen.contributors,
        Role.VIEWER: chosen.viewers,
    }
    rows = [
        {
            "role": str(role),
            "who": list(listed[role]),
            "everybody_else": role is chosen.others,
            "may": [str(action) for action in Action if action in RIGHTS[role]],
        }
        for role in Role
    ]
    show(rows, as_json=as_json)


@app.command()
def role(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Of the person.")],
    group: Annotated[
        list[str] | None, typer.Option(help="A group they are in; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which role a person has once they sign in, and what they may do."""
    found = roster(settings.load()).role(address, group or ())
    may = [str(action) for action in Action if found and action in RIGHTS[found]]
    show({"address": address, "role": found and str(found), "may": may}, as_json=as_json)


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
    if receipt.sources:
        say(
            f"These sources hold the person: {', '.join(receipt.sources)}. Remove the person "
            "there, or they come back when the source changes."
        )
    if receipt.unread:
        say(f"These sources could not be looked at: {', '.join(receipt.unread)}.")
    say("Sources and Mailchimp were left alone: remove the person there as well.")


@app.command()
def receipts(
    address: Annotated[
        str, typer.Argument(metavar="[ADDRESS]", help="Only those of this person.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List the receipts of purges, newest first.

    They hold no address but its HMAC with this installation's secret key, so that only who has
    both can tell whose receipt it is: give the address, and its receipts are listed.
    """
    with place.office() as office:
        found = runs_purge.receipts(office.store, office.settings, office.who, address)
    shown = ("id", "at", "who", "files", "rows", "rejections", "queries", "segments", "sources")
    show([asdict(one) for one in found], as_json=as_json, columns=shown)
