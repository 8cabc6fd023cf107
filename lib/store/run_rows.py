"""Rows of runs: the one that carries a plan out is written once, and one export has one live."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.errors import InUseError, RefusedError
from lib.store import names
from lib.store.plan_record import Plan
from lib.store.runs import NEXT, Run, RunState, find
from lib.store.tables import exports, runs

_FROM_PLAN = ("unchanged", "suppressed", "invalid", "duplicate", "left")
"""Outcomes that are settled before anything is sent."""


def put(
    db: Db,
    plan: Plan,
    state: RunState,
    *,
    by: str,
    at: datetime,
    trigger: str,
    message: str = "",
    rail: str = "",
) -> Run:
    """Write the run of a plan.

    Raises:
        InUseError: another run of the export is not over.
        RefusedError: the plan was carried out before.
    """
    fates = {fate: int(many) for fate, many in plan.counts.get("fates", {}).items()}
    to_send = fates.get("added", 0) + fates.get("updated", 0)
    # The export of a plan that failed may be gone.
    goes = select(exports.c.connection_id, exports.c.audience_id)
    to = db.execute(goes.where(exports.c.id == plan.export_id)).first()
    values = {
        "id": names.new_id("run"),
        "export_id": plan.export_id,
        "export_name": plan.export_name,
        "plan_id": plan.id,
        "connection_id": to.connection_id if to else None,
        "audience_id": to.audience_id if to else "",
        "kind": plan.kind,
        "undoes": plan.undoes,
        "trigger": trigger,
        "state": state,
        **{f"n_{fate}": fates.get(fate, 0) for fate in _FROM_PLAN},
        "n_not_sent": to_send,
        "total": to_send,
        "requested_at": at,
        "requested_by": by,
        "finished_at": None if state is RunState.QUEUED else at,
        "message": message,
        "rail": rail,
    }
    try:
        db.execute(insert(runs).values(values))
    except IntegrityError as error:
        raise _collision(error, plan.export_name) from None
    return find(db, str(values["id"]))


def move(db: Db, old: Run, state: RunState, values: Mapping[str, Any]) -> Run:
    """Bring a run into another state.

    Raises:
        InUseError: another run of the export is not over.
        RefusedError: that state cannot follow.
    """
    if state not in NEXT[old.state]:
        raise RefusedError(f"The run “{old.id}” is {old.state} and cannot become {state}.")
    try:
        return change(db, old.id, {**values, "state": state})
    except IntegrityError as error:
        raise _collision(error, old.export_name) from None


def change(db: Db, run_id: str, values: Mapping[str, Any]) -> Run:
    """Write columns of a run, and return it."""
    db.execute(update(runs).where(runs.c.id == run_id).values(values))
    return find(db, run_id)


def of_plan(db: Db, plan_id: str) -> Run | None:
    """Find the run of a plan; None while there is none."""
    run_id = db.scalar(select(runs.c.id).where(runs.c.plan_id == plan_id))
    return None if run_id is None else find(db, run_id)


def _collision(error: IntegrityError, export_name: str) -> Exception:
    said = str(error.orig)
    if "export_id" in said or "uq_runs_live_export" in said:
        return InUseError(
            f"The export “{export_name}” is running already: wait for it to end, or cancel it."
        )
    if "plan_id" in said:
        return RefusedError("This plan was carried out before: resume its run, or make a new plan.")
    return error
