"""How a run moves: asked for, taken up, cancelled, ended, resumed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.access import Action, Person
from lib.errors import InUseError, NotApprovedError, RefusedError
from lib.store import audit, batches, export_record, names, plan_record, taking_back
from lib.store.acts import Act, acting
from lib.store.connection_record import require_manage
from lib.store.database import Store
from lib.store.export_record import Export
from lib.store.plan_record import Plan
from lib.store.runs import NEXT, Run, RunState, find
from lib.store.tables import OUTCOMES, runs

_FROM_PLAN = ("unchanged", "suppressed", "invalid", "duplicate", "left")
"""Outcomes that are settled before anything is sent."""


def request(store: Store, who: Person, plan_id: str, *, trigger: str = "hand") -> Run:
    """Put the carrying out of an approved plan into the queue.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such plan, or its export is gone.
        NotApprovedError: nobody said yes to this plan as it is.
        OverLimitError: it holds more profiles than allowed.
        InUseError: another run of the export is not over.
        RefusedError: the plan was carried out before, the export is detached, or the run that
            the plan takes back was taken back already.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        plan = plan_record.find(act.db, plan_id)
        plan_record.require_current(act.db, plan, None)
        require_manage(act.db, who, plan.export_id)
        if plan.approved_fingerprint != plan.fingerprint:
            raise NotApprovedError("Nobody has approved this plan: look at it and approve it.")
        if plan.undoes:
            taking_back.require_not_undone(act.db, plan.undoes)
        export = export_record.find(act.db, plan.export_id)
        if export.connection_id is None:
            raise RefusedError(f"The export “{export.name}” has no connection: attach it to one.")
        values = _queued(act, plan, export) | {"trigger": trigger, "undoes": plan.undoes}
        _insert(act.db, export.name, values)
        made = find(act.db, values["id"])
        said = {"plan": plan.id, "trigger": trigger}
        act.note("asked for", "run", ref=made.id, name=made.export_name, new=said)
        return made


def begin(store: Store, run_id: str) -> Run:
    """Take a run up; one that a dead worker left running is simply taken over.

    Raises:
        NotFoundError: no such run.
        RefusedError: it is over.
    """
    with store.write() as db:
        old = find(db, run_id)
        now = store.clock()
        values = {"attempts": old.attempts + 1, "heartbeat_at": now, "rate_since": None}
        values |= {"started_at": old.started_at or now, "finished_at": None, "message": ""}
        if old.state is not RunState.RUNNING:
            return _move(db, old, RunState.RUNNING, values)
        return _set(db, run_id, values)


def enter(store: Store, run_id: str, phase: str) -> Run:
    """Say what a run is at now (such as “sending”); its rate is measured from here.

    Raises:
        NotFoundError: no such run.
    """
    with store.write() as db:
        old, now = find(db, run_id), store.clock()
        values = {"phase": phase, "heartbeat_at": now, "rate_since": now, "rate_sent": old.sent}
        return _set(db, run_id, values)


def beat(store: Store, run_id: str) -> bool:
    """Show that the worker is alive; say whether it should stop because somebody cancelled."""
    with store.write() as db:
        db.execute(update(runs).where(runs.c.id == run_id).values(heartbeat_at=store.clock()))
        return bool(db.scalar(select(runs.c.cancel_requested).where(runs.c.id == run_id)))


def cancel_requested(store: Store, run_id: str) -> bool:
    """Say whether somebody cancelled the run; one read of a key."""
    with store.read() as db:
        return bool(db.scalar(select(runs.c.cancel_requested).where(runs.c.id == run_id)))


def settle(store: Store, run_id: str, outcomes: Mapping[str, int]) -> Run:
    """Set what became of the contacts, as counted contact by contact.

    Args:
        store: where.
        run_id: which.
        outcomes: contacts by outcome; those not named are none.

    Raises:
        NotFoundError: no such run.
        ValueError: an outcome nobody knows.
    """
    unknown = set(outcomes) - set(OUTCOMES)
    if unknown:
        raise ValueError(f"There is no outcome {unknown.pop()}.")
    with store.write() as db:
        find(db, run_id)
        return _set(db, run_id, {f"n_{name}": outcomes.get(name, 0) for name in OUTCOMES})


def finish(store: Store, run_id: str, state: RunState, message: str = "") -> Run:
    """End a run; batches that were sent and never answered are in doubt from now on.

    Raises:
        NotFoundError: no such run.
        RefusedError: it is over in another way, or batches of a done run are still to be sent.
    """
    with store.write() as db:
        old = find(db, run_id)
        if old.state is state:
            return old
        batches.doubt_unanswered(store, db, run_id)
        if state is RunState.DONE and batches.unsent(db, run_id):
            raise RefusedError(f"The run “{run_id}” has batches to send and is not done.")
        values = {"finished_at": store.clock(), "message": message, "phase": ""}
        new = _move(db, old, state, values)
        said = {"message": message, **new.outcomes}
        name = new.export_name
        audit.record(store, db, "worker", str(state), "run", ref=new.id, name=name, new=said)
        return new


def cancel(store: Store, who: Person, run_id: str) -> Run:
    """Cancel a run: at once while queued, else after the batches that are under way.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such run.
        RefusedError: it is over.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        old = find(act.db, run_id)
        require_manage(act.db, who, old.export_id)
        if not old.live:
            raise RefusedError(f"The run “{run_id}” is {old.state} already.")
        if old.state is RunState.QUEUED:
            values = {"finished_at": act.now, "cancel_requested": True}
            new = _move(act.db, old, RunState.CANCELLED, values)
        else:
            new = _set(act.db, run_id, {"cancel_requested": True})
        act.note("cancelled", "run", ref=new.id, name=new.export_name)
        return new


def resume(store: Store, who: Person, run_id: str) -> Run:
    """Put a run that is not done back into the queue; what was sent is not sent again.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such run, or its export is gone.
        RefusedError: it is done, or live already.
        InUseError: another run of the export is not over.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        old = find(act.db, run_id)
        export_record.find(act.db, old.export_id)
        require_manage(act.db, who, old.export_id)
        values = {"cancel_requested": False, "finished_at": None, "message": ""}
        new = _move(act.db, old, RunState.QUEUED, values)
        act.note("resumed", "run", ref=new.id, name=new.export_name)
        return new


def _queued(act: Act, plan: Plan, export: Export) -> dict[str, Any]:
    fates = {fate: int(many) for fate, many in plan.counts.get("fates", {}).items()}
    to_send = fates.get("added", 0) + fates.get("updated", 0)
    return {
        "id": names.new_id("run"),
        "export_id": export.id,
        "export_name": export.name,
        "plan_id": plan.id,
        "connection_id": export.connection_id,
        "audience_id": export.audience_id,
        "kind": plan.kind,
        "state": RunState.QUEUED,
        **{f"n_{fate}": fates.get(fate, 0) for fate in _FROM_PLAN},
        "n_not_sent": to_send,
        "total": to_send,
        "requested_at": act.now,
        "requested_by": act.who.email,
    }


def _insert(db: Db, export_name: str, values: Mapping[str, Any]) -> None:
    try:
        db.execute(insert(runs).values(values))
    except IntegrityError as error:
        raise _collision(error, export_name) from None


def _collision(error: IntegrityError, export_name: str) -> Exception:
    said = str(error.orig)
    if "export_id" in said or "uq_runs_live_export" in said:
        return InUseError(
            f"The export “{export_name}” is running already: wait for it to end, or cancel it."
        )
    if "plan_id" in said:
        return RefusedError("This plan was carried out before: resume its run, or make a new plan.")
    return error


def _move(db: Db, old: Run, state: RunState, values: Mapping[str, Any]) -> Run:
    if state not in NEXT[old.state]:
        raise RefusedError(f"The run “{old.id}” is {old.state} and cannot become {state}.")
    try:
        return _set(db, old.id, {**values, "state": state})
    except IntegrityError as error:
        raise _collision(error, old.export_name) from None


def _set(db: Db, run_id: str, values: Mapping[str, Any]) -> Run:
    db.execute(update(runs).where(runs.c.id == run_id).values(values))
    return find(db, run_id)
