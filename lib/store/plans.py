"""Plans: what an export would do, kept; what a person approves is what is sent."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from lib.access import Action, Person, require
from lib.errors import InUseError
from lib.store import export_record, taking_back
from lib.store.acts import acting
from lib.store.connection_record import require_agreed, require_manage
from lib.store.database import Store
from lib.store.plan_record import Plan, PlanState, find, plan_of, put, require_current
from lib.store.tables import plans

__all__ = ["Plan", "PlanState"]


def begin(store: Store, who: Person, export: str, *, directory: str = "", undoes: str = "") -> Plan:
    """Record that a plan is being made.

    Args:
        store: where.
        who: somebody who may run the export.
        export: of which.
        directory: where its maker keeps it; without one it waits for a worker.
        undoes: the run that it is to take back.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such export.
        RefusedError: consent was withdrawn, or the run cannot be taken back, see
            ``taking_back.require_undoable``.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        found = export_record.find(act.db, export)
        require_manage(act.db, who, found.id)
        require_agreed(act.db, found.id)
        if undoes:
            taking_back.require_undoable(act.db, undoes, found)
        return put(act.db, found, by=who.email, at=act.now, directory=directory, undoes=undoes)


def finish(
    store: Store,
    plan_id: str,
    *,
    counts: Mapping[str, Any],
    fingerprint: str,
    directory: str | None = None,
    message: str = "",
) -> Plan:
    """Record that a plan is ready, and what to know of it; from now on it never changes.

    Raises:
        NotFoundError: no such plan.
        InUseError: it is not being made.
    """
    values: dict[str, Any] = {
        "counts": dict(counts),
        "fingerprint": fingerprint,
        "message": message,
    }
    if directory is not None:
        values["directory"] = directory
    return _close(store, plan_id, PlanState.READY, values)


def fail(store: Store, plan_id: str, message: str) -> Plan:
    """Record that a plan could not be made, and why.

    Raises:
        NotFoundError: no such plan.
        InUseError: it is not being made.
    """
    return _close(store, plan_id, PlanState.FAILED, {"message": message})


def abandon(store: Store, who: Person, plan_id: str, message: str) -> Plan:
    """Record that a person gave up a plan that is being made.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such plan.
        InUseError: it is not being made.
    """
    require(who, Action.RUN_EXPORTS)
    with store.read() as db:
        require_manage(db, who, find(db, plan_id).export_id)
    return fail(store, plan_id, message)


def approve(store: Store, who: Person, plan_id: str, *, fingerprint: str | None = None) -> Plan:
    """Say yes to a plan.

    Args:
        store: where.
        who: somebody who may run the export.
        plan_id: which.
        fingerprint: of the plan that the person looked at; a different one is refused.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such plan.
        NotApprovedError: it is not ready, or the export was changed since.
        OverLimitError: it holds more profiles than allowed.
        RefusedError: consent was withdrawn.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        found = find(act.db, plan_id)
        require_manage(act.db, who, found.export_id)
        require_agreed(act.db, found.export_id)
        require_current(act.db, found, fingerprint)
        values = {
            "approved_by": who.email,
            "approved_at": act.now,
            "approved_fingerprint": found.fingerprint,
        }
        act.db.execute(update(plans).where(plans.c.id == found.id).values(values))
        said = {"fingerprint": found.fingerprint, "counts": found.counts}
        act.note("approved", "plan", ref=found.id, name=found.export_name, new=said)
        return find(act.db, found.id)


def get(store: Store, who: Person, plan_id: str) -> Plan:
    """Find one by id.

    Raises:
        NotFoundError: no such plan.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        return find(db, plan_id)


def of_export(store: Store, who: Person, export: str, *, limit: int = 50) -> tuple[Plan, ...]:
    """List the plans of an export, newest first."""
    require(who, Action.LOOK)
    with store.read() as db:
        query = select(plans).where(plans.c.export_id == export_record.find(db, export).id)
        query = query.order_by(plans.c.made_at.desc(), plans.c.id.desc()).limit(limit)
        return tuple(plan_of(row) for row in db.execute(query).mappings())


def ordered(store: Store, who: Person) -> tuple[Plan, ...]:
    """List the plans that wait for a worker to make them, oldest first.

    A plan that began with a directory is made by whoever began it.
    """
    return _making(store, who, here=False)


def made_here(store: Store, who: Person) -> tuple[Plan, ...]:
    """List the plans that whoever began them is making, oldest first."""
    return _making(store, who, here=True)


def _making(store: Store, who: Person, *, here: bool) -> tuple[Plan, ...]:
    require(who, Action.LOOK)
    chosen = (plans.c.state == PlanState.MAKING) & ((plans.c.directory != "") == here)
    with store.read() as db:
        rows = db.execute(select(plans).where(chosen).order_by(plans.c.made_at)).mappings()
        return tuple(plan_of(row) for row in rows)


def _close(store: Store, plan_id: str, state: PlanState, values: dict[str, Any]) -> Plan:
    with store.write() as db:
        found = find(db, plan_id)
        if found.state is not PlanState.MAKING:
            raise InUseError(f"The plan “{plan_id}” is {found.state} and cannot change any more.")
        values |= {"state": state, "ready_at": store.clock()}
        db.execute(update(plans).where(plans.c.id == plan_id).values(values))
        return find(db, plan_id)
