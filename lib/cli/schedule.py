"""``muster schedule`` and ``muster refresh``: when exports run by themselves, and that now."""

import time
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from lib.cli import following, place
from lib.cli.output import Json, done, show
from lib.config import Office, schedule
from lib.config.schedule import Refreshed, Standing, Started
from lib.store import exports, refresh
from lib.store.runs import Run, RunState

app = typer.Typer(help="When exports run by themselves.", no_args_is_help=True)
COLUMNS = ("export", "schedule", "next_run", "hindrance", "last_due", "note")
Wait = Annotated[bool, typer.Option("--wait", help="Follow the runs until they are over.")]


@app.command("show")
def show_(as_json: Json = False) -> None:
    """Print the refresh, and when each export comes next or why it does not."""
    with place.office() as office:
        record = _refresh(office)
        rows = [standing(office, one) for one in schedule.overview(office)]
    if as_json:
        show(record | {"exports": rows}, as_json=True)
        return
    show(record, as_json=False)
    show(rows, as_json=False, columns=COLUMNS)


def _refresh(office: Office) -> dict[str, object]:
    found, coming = refresh.get(office.store), schedule.next_refreshes(office, 1)
    return {
        "refresh": found.cron or None,
        "set_by": found.by or None,
        "time_zone": office.settings.time_zone,
        "next": here(office, coming[0]) if coming else None,
    }


@app.command("set")
def set_(
    cron: Annotated[str, typer.Argument(metavar="CRON", help="Such as “0 6 * * 1-5”.")],
    as_json: Json = False,
) -> None:
    """Choose when all exports that have no schedule of their own are refreshed."""
    with place.office() as office:
        found = refresh.put(office.store, office.who, cron)
        (coming,) = schedule.next_refreshes(office, 1)
        sentence = f"The refresh is {found.cron}, next at {here(office, coming):%Y-%m-%d %H:%M %Z}."
        done(_refresh(office), sentence, as_json=as_json)


@app.command()
def off(as_json: Json = False) -> None:
    """Take the refresh away; exports with a schedule of their own go on."""
    with place.office() as office:
        refresh.put(office.store, office.who, "")
        sentence = "There is no refresh any more: exports that followed it run by hand only."
        done(_refresh(office), sentence, as_json=as_json)


@app.command("next")
def next_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An export; else the refresh.")] = "",
    count: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 5,
    as_json: Json = False,
) -> None:
    """List the next runs as dates."""
    with place.office() as office:
        if name:
            export = exports.get(office.store, office.who, name)
            found = schedule.next_runs(office, export, count)
        else:
            found = schedule.next_refreshes(office, count)
        rows = [{"at": here(office, at)} for at in found]
    show(rows, as_json=as_json)


def refresh_now(wait: Wait = False, as_json: Json = False) -> None:
    """Run every export that runs by itself now, each within its guard rails."""
    with place.office() as office:
        following.start_worker(office)
        conclude(office, schedule.refresh_now(office), wait=wait, as_json=as_json)


def conclude(office: Office, found: Refreshed, *, wait: bool, as_json: bool) -> None:
    """Print what was begun and what was not, and end with the status that says so."""
    skipped = [{"export": name, "skipped": why} for name, why in found.skipped]
    ended = [_follow(office, one) if wait else _begun(one) for one in found.started]
    runs = [one for one in ended if isinstance(one, Run)]
    rows = [following.record(one) if isinstance(one, Run) else one for one in ended]
    columns = ("export", "state", "message", "skipped")
    show([*rows, *skipped], as_json=as_json, columns=columns)
    if any(run.state is not RunState.DONE for run in runs):
        raise typer.Exit(1)
    if any(run.outcomes.get("rejected") for run in runs):
        raise typer.Exit(following.REJECTED)
    if skipped and not found.started:
        raise typer.Exit(3)


def _begun(started: Started) -> dict[str, object]:
    return {"export": started.name, "state": "planning", "plan": started.plan_id}


def _follow(office: Office, started: Started) -> Run | dict[str, object]:
    attendance = following.Attendance(office)
    while (found := schedule.outcome(office, started)) is None:
        attendance.see()
        time.sleep(0.25)
    if isinstance(found, str):
        return {"export": started.name, "skipped": found}
    return following.watch(office, found.id) if found.live else found


def standing(office: Office, one: Standing) -> dict[str, object]:
    """Return how an export stands in the schedule, as ``--json`` gives it."""
    last = one.last_firing
    return {
        "export": one.export.name,
        "schedule": one.export.schedule or "refresh",
        "next_run": here(office, one.next_run) if one.next_run else None,
        "hindrance": one.why or None,
        "last_due": here(office, last.due_at) if last else None,
        "note": (last.note or None) if last else None,
    }


def here(office: Office, at: datetime) -> datetime:
    """Return a moment by the organisation's clock."""
    return at.astimezone(ZoneInfo(office.settings.time_zone))
