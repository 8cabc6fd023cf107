"""``muster runs undo``: what taking a run back would do, and doing it."""

import sys
from typing import Annotated

import typer

from lib.cli import following, place
from lib.cli.output import Json, say, show
from lib.config import Office
from lib.runs import desk
from lib.store.plans import Plan

FATES = {
    "updated": "put back",
    "left": "archived, as the run added them",
    "unchanged": "left as they are now",
    "suppressed": "not in reach any more",
}
"""What the fates of an undo mean."""


def undo(
    run_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the run to take back.")],
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Only say what it would do; send nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on a terminal.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it is over.")] = False,
    as_json: Json = False,
) -> None:
    """Take a run back: values and tags as before, whom it added archived; nobody is subscribed."""
    with place.office() as office:
        with following.planning() as tell:
            plan = desk.undo_here(office.store, office.settings, office.who, run_id, tell)
        if plan_only:
            show(preview(plan), as_json=as_json)
            return
        _explain(plan)
        if not yes and sys.stdin.isatty() and not typer.confirm("Undo this run?", err=True):
            say("Nothing was sent.")
            raise typer.Exit(1)
        _carry_out(office, plan, wait=wait, as_json=as_json)


def preview(plan: Plan) -> dict[str, object]:
    """Return what an undo would do, as ``--json`` gives it."""
    names = ("contacts", "fates", "calls", "reasons", "limits")
    counts = {name: plan.counts[name] for name in names}
    return {"undoes": plan.undoes, "export": plan.export_name, "plan": plan.id, **counts}


def _explain(plan: Plan) -> None:
    for fate, words in FATES.items():
        if many := plan.counts["fates"].get(fate):
            say(f"{many:,} {words}")
    for limit in plan.counts["limits"]:
        say(f"- {limit}")


def _carry_out(office: Office, plan: Plan, *, wait: bool, as_json: bool) -> None:
    following.start_worker(office)
    run = desk.approve_and_start(
        office.store, office.settings, office.who, plan.id, fingerprint=plan.fingerprint
    )
    if wait:
        following.conclude(following.watch(office, run.id), as_json=as_json)
    else:
        show(following.record(run), as_json=as_json)
