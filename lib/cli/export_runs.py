"""``muster exports plan|run|run-all``: what an export would do, and having it done."""

from typing import Annotated

import typer

from lib.cli import following, meters, place
from lib.cli import schedule as schedules
from lib.cli.output import Json, say, show
from lib.config import schedule
from lib.runs import contract, desk
from lib.store import exports

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the export.")]


def plan(name: Name, as_json: Json = False) -> None:
    """Say what a run would do to each contact, and the calls it would cost; sends nothing."""
    with place.office() as office, following.planning() as tell:
        made = desk.plan_here(office.store, office.settings, office.who, name, tell)
        room = meters.measured(
            lambda: contract.room(office.store, office.settings, office.who, made)
        )
    counts = made.counts
    found = {
        "export": made.export_name,
        "contacts": counts["contacts"],
        "fates": counts["fates"],
        "over_limit": counts["over_limit"],
        "calls": counts["calls"],
        "reasons": counts.get("reasons", {}),
        "contract": room,
        "plan": made.id,
    }
    show(found, as_json=as_json)
    if made.message:
        say(made.message)
    if counts["over_limit"]:
        say(
            f"That is {counts['over_limit']:,} profiles more than one export may hold: it will "
            "not run. Narrow its segments, or spread them over several exports."
        )


def run(name: Name, wait: schedules.Wait = False, as_json: Json = False) -> None:
    """Plan and push an export. Running it is your yes to what the plan says."""
    with place.office() as office:
        following.start_worker(office)
        with following.planning() as tell:
            started = desk.run_now(office.store, office.settings, office.who, name, tell)
        if wait:
            following.conclude(following.watch(office, started.id), as_json=as_json)
        else:
            show(following.record(started), as_json=as_json)


def run_all(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these exports.")
    ] = None,
    wait: schedules.Wait = False,
    as_json: Json = False,
) -> None:
    """Run exports by their approved rules and within their rails: all that run by themselves."""
    with place.office() as office:
        for name in names or ():
            exports.get(office.store, office.who, name)
        following.start_worker(office)
        found = schedule.run_all(office, names) if names else schedule.refresh_now(office)
        schedules.conclude(office, found, wait=wait, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Put the commands under ``muster exports``."""
    app.command()(plan)
    app.command()(run)
    app.command()(run_all)
