"""``muster exports plan|run|run-all``: what an export would do, and having it done."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lib.cli import following, meters, place
from lib.cli import schedule as schedules
from lib.cli.output import Json, say, show
from lib.cli.query import form_of
from lib.config import Office, schedule
from lib.contacts.problems import PROBLEMS
from lib.runs import contract, desk, files
from lib.runs.plan import listing
from lib.runs.plan.listing import Problem
from lib.store import exports
from lib.store.runs import Run

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the export.")]


def plan(
    name: Name,
    out: Annotated[
        Path | None,
        typer.Option(help="Write every contact, old and new, to this .csv or .parquet as well."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a run would do to each contact, and the calls it would cost; sends nothing."""
    form = form_of(out)
    with place.office() as office, following.planning() as tell:
        made = desk.plan_here(office.store, office.settings, office.who, name, tell)
        room = meters.measured(
            lambda: contract.room(office.store, office.settings, office.who, made)
        )
        contacts = desk.plan_file(made)
        wrong = listing.problems(listing.with_values(contacts))
        if out is not None and form is not None:
            files.write(listing.listed(contacts), out, form)
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
        "problems": _by_field(wrong),
    }
    show(found, as_json=as_json)
    for one in wrong:
        meaning = PROBLEMS.get(one.code, one.code.replace("_", " "))
        say(f"{one.tag} ({one.contacts:,}): {meaning}")
    if out is not None:
        say(f"Contacts written to {out}: {counts['contacts']:,}.")
    if made.message:
        say(made.message)
    if counts["over_limit"]:
        say(
            f"That is {counts['over_limit']:,} profiles more than one export may hold: it will "
            "not run. Narrow its segments, or spread them over several exports."
        )


def _by_field(found: Sequence[Problem]) -> dict[str, dict[str, int]]:
    fields: dict[str, dict[str, int]] = {}
    for one in found:
        fields.setdefault(one.tag, {})[one.code] = one.contacts
    return fields


def run(
    name: Name,
    plan_id: Annotated[
        str,
        typer.Option("--plan", metavar="ID", help="Carry out this plan, and make no new one."),
    ] = "",
    wait: schedules.Wait = False,
    as_json: Json = False,
) -> None:
    """Plan and push an export. Running it is your yes to what the plan says."""
    with place.office() as office:
        following.start_worker(office)
        started = _started(office, name, plan_id)
        if wait:
            following.conclude(following.watch(office, started.id), as_json=as_json)
        else:
            show(following.record(started), as_json=as_json)


def _started(office: Office, name: str, plan_id: str) -> Run:
    if plan_id:
        return desk.run_plan(office.store, office.settings, office.who, name, plan_id)
    with following.planning() as tell:
        return desk.run_now(office.store, office.settings, office.who, name, tell)


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
