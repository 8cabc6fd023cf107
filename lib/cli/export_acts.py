"""``muster exports duplicate|detach|attach|remove``: what is done to exports as a whole."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.export_row import row
from lib.cli.output import Json, done, say, show
from lib.config import Office, removal
from lib.config import exports as config_exports
from lib.errors import MusterError
from lib.store import exports

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the export.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="One or several exports.")]


def duplicate(
    name: Name, to: Annotated[str, typer.Argument(metavar="NEW")], as_json: Json = False
) -> None:
    """Make a copy under another name."""
    with place.office() as office:
        made = exports.duplicate(office.store, office.who, name, to)
        done(row(office, made), f"{to} is a copy of {name}.", as_json=as_json)


def detach(names: Names, as_json: Json = False) -> None:
    """Take the connection off; the exports stay, inactive until they are given another."""

    def one(office: Office, name: str) -> dict[str, object]:
        kept = exports.detach(office.store, office.who, name)
        say(f"{kept.name} has no connection now and will not run.")
        return row(office, kept)

    _each(names, one, as_json=as_json)


def attach(
    names: Names,
    connection: Annotated[str, typer.Argument(metavar="CONNECTION")],
    as_json: Json = False,
) -> None:
    """Give detached exports a connection."""

    def one(office: Office, name: str) -> dict[str, object]:
        kept = config_exports.attach(office, name, connection)
        say(f"{kept.name} uses {kept.connection_name} now.")
        return row(office, kept)

    _each(names, one, as_json=as_json)


def remove(names: Names, as_json: Json = False) -> None:
    """Remove exports; the history of their runs stays."""

    def one(office: Office, name: str) -> dict[str, object]:
        gone = exports.get(office.store, office.who, name)
        removal.let_go(office, gone.id, "remove")
        say(f"{gone.name} was removed; the history of its runs stays.")
        return {"id": gone.id, "name": gone.name, "removed": True}

    _each(names, one, as_json=as_json)


def _each(
    names: Sequence[str], act: Callable[[Office, str], dict[str, object]], *, as_json: bool
) -> None:
    """Do something to each export by itself, so that one that fails stops no other."""
    rows, status = [], 0
    with place.office() as office:
        for name in names:
            try:
                rows.append(act(office, name))
            except MusterError as error:
                say(f"{name}: {error}")
                rows.append({"name": name, "error": str(error)})
                status = max(status, error.exit_status)
    if as_json:
        show(rows, as_json=True)
    if status:
        raise typer.Exit(status)


def add_to(app: typer.Typer) -> None:
    """Put the commands under ``muster exports``."""
    app.command()(duplicate)
    app.command()(detach)
    app.command()(attach)
    app.command()(remove)
