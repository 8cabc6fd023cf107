"""How a run moves: asked for, taken up, cancelled, ended, resumed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import select

from lib.access import Action, Person
from lib.errors import NotApprovedError, RefusedError
from lib.store import audit, batches, export_record, plan_record, run_rows, taking_back
from lib.store.acts import MACHINE, Act, acting
from lib.store.connection_record import require_agreed, require_manage
from lib.store.database import Store
from lib.store.plan_record import Plan, PlanState
from lib.store.runs import Run, RunState, find
from lib.store.tables import OUTCOMES, runs


def request(store: Store, who: Person, plan_id: str, *, trigger: str = "hand") -> Run:
    """Put the carrying out of an approved plan into the queue.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such plan, or its export is gone.
        NotApprovedError: nobody said yes to this plan as it is.
        OverLimitError: it holds more profiles than allowed.
        InUseError: another run of the export is not over.
        RefusedError: the plan was carried out before, the export is detached, consent was
            withdrawn, or the run that the plan takes back was taken back already.

    A run that was stopped before it began goes on, on the word of whoever asks.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        plan = plan_record.find(act.db, plan_id)
        plan_record.require_current(act.db, plan, None)
        require_manage(act.db, who, plan.export_id)
        require_agreed(act.db, plan.export_id)
        if plan.approved_fingerprint != plan.fingerprint:
            raise NotApprovedError("Nobody has approved this plan: look at it and approve it.")
        if plan.undoes:
            taking_back.require_not_undone(act.db, plan.undoes)
        export = export_record.find(act.db, plan.export_id)
        if export.connection_id is None:
            raise RefusedError(f"The export “{export.name}” has no connection: attach it to one.")
        made = _requested(act, plan, trigger)
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
        values: dict[str, Any] = {"attempts": old.attempts + 1, "rate_since": None}
        values |= {"started_at": old.started_at or now, "finished_at": None, "message": ""}
        if old.state is not RunState.RUNNING:
            return run_rows.move(db, old, RunState.RUNNING, values)
        return run_rows.change(db, run_id, values)


def enter(store: Store, run_id: str, phase: str) -> Run:
    """Say what a run is at now (such as “sending”); its rate is measured from here.

    Raises:
        NotFoundError: no such run.
    """
    with store.write() as db:
        old, now = find(db, run_id), store.clock()
        values = {"phase": phase, "rate_since": now, "rate_sent": old.sent}
        return run_rows.change(db, run_id, values)


def tell(store: Store, run_id: str, message: str) -> Run:
    """Say something about a run that is under way, such as what it waits for; empty takes it back.

    Raises:
        NotFoundError: no such run.
    """
    with store.write() as db:
        find(db, run_id)
        return run_rows.change(db, run_id, {"message": message})


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
        return run_rows.change(
            db, run_id, {f"n_{name}": outcomes.get(name, 0) for name in OUTCOMES}
        )


def finish(store: Store, run_id: str, state: RunState, message: str = "", *, rail: str = "") -> Run:
    """End a run; batches that were sent and never answered are in doubt from now on.

    Args:
        store: where.
        run_id: which.
        state: how it ended.
        message: why, or what else there is to say.
        rail: field of ``Guard`` that stopped it, if one did.

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
        values = {"finished_at": store.clock(), "message": message, "rail": rail, "phase": ""}
        new = run_rows.move(db, old, state, values)
        said = {"message": message, **new.outcomes}
        name = new.export_name
        audit.record(store, db, MACHINE, str(state), "run", ref=new.id, name=name, new=said)
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
            new = run_rows.move(act.db, old, RunState.CANCELLED, values)
        else:
            new = run_rows.change(act.db, run_id, {"cancel_requested": True})
        act.note("cancelled", "run", ref=new.id, name=new.export_name)
        return new


def resume(store: Store, who: Person, run_id: str, *, left: bool = False) -> Run:
    """Put a run that is not done back into the queue; what was sent is not sent again.

    Args:
        store: where.
        who: somebody who may run the export.
        run_id: which.
        left: no worker is there, so that one that is live stays as it is for the next worker.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such run, or its export is gone.
        NotApprovedError: nobody said yes to its plan.
        RefusedError: it is done, or live already, consent was withdrawn, or the export goes
            elsewhere now.
        InUseError: another run of the export is not over.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        old = find(act.db, run_id)
        export = export_record.find(act.db, old.export_id)
        require_manage(act.db, who, old.export_id)
        # What is sent goes over the connection of the run, and rights are to that of the export.
        taking_back.require_same_way(old, export)
        require_agreed(act.db, old.export_id)
        _require_approved(act.db, old)
        if left and old.live:
            return old
        new = run_rows.move(act.db, old, RunState.QUEUED, _again(act, old))
        act.note("resumed", "run", ref=new.id, name=new.export_name)
        return new


def _requested(act: Act, plan: Plan, trigger: str) -> Run:
    old = run_rows.of_plan(act.db, plan.id)
    ended_early = {RunState.STOPPED, RunState.FAILED}
    if old is not None and old.state in ended_early and old.started_at is None:
        # Its state is the newest of the export from now on.
        values = _again(act, old) | {"requested_at": act.now}
        return run_rows.move(act.db, old, RunState.QUEUED, values)
    by, at = act.who.email, act.now
    return run_rows.put(act.db, plan, RunState.QUEUED, by=by, at=at, trigger=trigger)


def _again(act: Act, old: Run) -> dict[str, Any]:
    """Columns of a run that goes on: on a person's word no guard rail stops it any more."""
    by = act.who.email if old.requested_by == MACHINE else old.requested_by
    cleared = {"cancel_requested": False, "finished_at": None, "message": "", "rail": ""}
    return cleared | {"requested_by": by}


def _require_approved(db: Db, run: Run) -> None:
    plan = plan_record.find(db, run.plan_id or "")
    if plan.state is not PlanState.READY:
        raise NotApprovedError("The plan of this run could not be made: make a new one.")
    if plan.approved_fingerprint != plan.fingerprint:
        raise NotApprovedError(
            "Nobody has approved the plan of this run: look at it on the review page, and approve"
            " it there."
        )
