"""``muster exports schedule|switch|guard|approve-rules|…``: how exports run by themselves."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Literal, TypeVar

import typer

from lib.cli import place
from lib.cli import schedule as schedules
from lib.cli.export_row import row
from lib.cli.output import Json, done, say, show
from lib.config import Office
from lib.config import schedule as standings
from lib.errors import InputError
from lib.store import exports, guard, rules
from lib.store.exports import SCHEDULE_OFF, Export
from lib.store.guard import Guard

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the export.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="One or several exports.")]
N = TypeVar("N", int, float)
Rail = Annotated[str, typer.Option(metavar="N|none")]


def schedule(
    names: Names,
    cron: Annotated[str, typer.Option(metavar="CRON", help="A schedule of its own.")] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Run with the refresh.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Run by hand only.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave exports alone that have their own.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Choose when exports run by themselves, and see when that is."""
    if bool(cron) + follow + off != 1:
        raise InputError("Give one of --cron, --follow and --off.")
    wanted = cron or (SCHEDULE_OFF if off else "")
    with place.office() as office:
        found = rules.set_schedule(office.store, office.who, names, wanted, override=not keep)
        _show_standing(office, found, as_json=as_json)


def switch(
    names: Names,
    state: Annotated[Literal["on", "off"], typer.Argument(help="On or off.")],
    as_json: Json = False,
) -> None:
    """Switch exports on or off; off, they keep their schedule and run by hand only."""
    with place.office() as office:
        found = rules.switch(office.store, office.who, names, active=state == "on")
        _show_standing(office, found, as_json=as_json)


def _show_standing(office: Office, found: tuple[Export, ...], *, as_json: bool) -> None:
    ids = {export.id for export in found}
    stand = [one for one in standings.overview(office) if one.export.id in ids]
    rows = [schedules.standing(office, one) for one in stand]
    show(rows, as_json=as_json, columns=schedules.COLUMNS)


def guard_(
    name: Name,
    most_added: Rail = "",
    most_removed: Rail = "",
    most_rejected: Annotated[str, typer.Option(metavar="%|none")] = "",
    most_deviation: Annotated[
        str, typer.Option(metavar="%|none", help="Difference from the last run's contacts.")
    ] = "",
    usual: Annotated[bool, typer.Option("--usual", help="Begin with the usual rails.")] = False,
    as_json: Json = False,
) -> None:
    """Choose what a run that nobody watches may do at most; without options, print it."""
    with place.office() as office:
        old = exports.get(office.store, office.who, name)
        base = guard.USUAL if usual else old.guard
        rails = Guard(
            _limit(most_added, base.most_added, int),
            _limit(most_removed, base.most_removed, int),
            _limit(most_rejected, base.most_rejected_percent, float),
            _limit(most_deviation, base.most_deviation_percent, float),
        )
        kept = rules.set_guard(office.store, office.who, name, rails)
    show(asdict(kept.guard), as_json=as_json)
    if kept.rules_lapsed and old.rules_approved:
        say(f"Its rules have to be approved anew: muster exports approve-rules “{kept.name}”")


def _limit(given: str, kept: N | None, number: Callable[[str], N]) -> N | None:
    text = given.strip().rstrip("% ").lower()
    if text in {"", "none"}:
        return None if text else kept
    try:
        return number(text)
    except ValueError:
        raise InputError(f"{given} is no limit: give a number, or none for no limit.") from None


def approve_rules(name: Name, as_json: Json = False) -> None:
    """Let an export run by itself, as it is now and within its guard rails."""
    with place.office() as office:
        seen = exports.get(office.store, office.who, name)
        found = rules.approve_rules(office.store, office.who, name, revision=seen.revision)
        (stands,) = [one for one in standings.overview(office) if one.export.id == found.id]
        shown = schedules.standing(office, stands) | {"guard": asdict(found.guard)}
    show(shown, as_json=as_json)


def withdraw_rules(name: Name, as_json: Json = False) -> None:
    """Let an export run by hand only, until its rules are approved again."""
    with place.office() as office:
        kept = rules.withdraw_rules(office.store, office.who, name)
        done(row(office, kept), f"{name} does not run by itself any more.", as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Put the commands under ``muster exports``."""
    app.command()(schedule)
    app.command()(switch)
    app.command("guard")(guard_)
    app.command()(approve_rules)
    app.command()(withdraw_rules)
