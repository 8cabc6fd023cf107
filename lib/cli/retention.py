"""``muster retention``: for how long files with contacts are kept."""

from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, done, show
from lib.config import Office
from lib.runs.keeping import retention

app = typer.Typer(help="How long files with contacts are kept.", no_args_is_help=True)


@app.command("show")
def show_(as_json: Json = False) -> None:
    """Print for how many days files with contacts of plans and runs are kept."""
    with place.office() as office:
        show({"days": retention.days(office.store, office.settings)}, as_json=as_json)


@app.command("set")
def set_(
    days: Annotated[int, typer.Argument(metavar="DAYS", help="0 keeps them for good.")],
    as_json: Json = False,
) -> None:
    """Keep files with contacts of plans and runs for so many days; the worker removes older ones.

    What was chosen here or on the System page goes before the setting retention_days.
    """
    with place.office() as office:
        retention.choose(office.store, office.who, days)
        _told(office, as_json=as_json)


@app.command()
def reset(as_json: Json = False) -> None:
    """Go by the setting retention_days again."""
    with place.office() as office:
        retention.choose(office.store, office.who, None)
        _told(office, as_json=as_json)


def _told(office: Office, *, as_json: bool) -> None:
    days = retention.days(office.store, office.settings)
    sentence = (
        f"Files with contacts are kept for {days:,} days."
        if days
        else "Files with contacts are kept until you remove them."
    )
    done({"days": days}, sentence, as_json=as_json)
