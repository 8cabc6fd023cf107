"""Attempts: an export that came due, or was refreshed, is planned and run by its approved rules.

Every attempt ends in a run: queued on the word of whoever approved the rules, stopped by a guard
rail, or failed. What is never attempted has a firing with a note.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection as Db
from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from lib.access import Action, Person
from lib.errors import NotApprovedError, RefusedError
from lib.store import audit, export_record, firings, notices, plan_record, run_rows
from lib.store.acts import MACHINE, acting
from lib.store.database import Store
from lib.store.export_change import managed
from lib.store.export_record import Export
from lib.store.firings import Firing
from lib.store.plan_record import Plan, PlanState
from lib.store.runs import Run, RunState
from lib.store.tables import LIVE, plans, runs
from lib.store.tables import firings as table

Trigger = Literal["refresh", "schedule", "missed", "hand"]

BUSY = "An earlier run of this export was not over."


@dataclass(frozen=True, slots=True)
class Before:
    """The last run of an export that was done."""

    contacts: int
    """That its plan was about."""
    rejected: int
    """By Mailchimp."""


def begin(
    store: Store, export_id: str, due_at: datetime, *, trigger: Trigger, by: str, note: str = ""
) -> Firing | None:
    """Fire: one transaction writes the firing and the plan that a worker is to make.

    Args:
        store: where.
        export_id: which export came due.
        due_at: when it came due.
        trigger: what began the attempt.
        by: on whose behalf the profiles are read.
        note: what else there is to say of it, in words for people.

    Returns:
        The firing, without a plan when an earlier attempt or run is not over. None when this
        moment, or a later one, was dealt with before.

    Raises:
        NotFoundError: the export is gone.
    """
    # Where several workers share a database, another may write this very firing meanwhile.
    with suppress(IntegrityError), store.write() as db:
        export = export_record.find(db, export_id)
        busy = _busy(db, export.id)
        firing = Firing(export.id, due_at, None, BUSY if busy else note)
        if not firings.add(db, firing):
            return None
        if busy:
            return firing
        plan = plan_record.put(db, export, by=by, at=store.clock(), trigger=trigger)
        return firings.planned(db, firing, plan.id)
    return None


def skip(
    store: Store, export_id: str, due_at: datetime, note: str, *, tell: bool = False
) -> Firing | None:
    """Let a moment pass at which an export was due, and say why.

    Args:
        store: where.
        export_id: which export came due.
        due_at: when it came due.
        note: why nothing is attempted, in words for people.
        tell: nobody is there who sees it: it is told to the channels.

    Returns:
        The firing; None when this moment, or a later one, was dealt with before.

    Raises:
        NotFoundError: the export is gone.
    """
    firing = Firing(export_id, due_at, None, note)
    with suppress(IntegrityError), store.write() as db:
        if not firings.add(db, firing):
            return None
        if tell:
            notices.hold(db, export_record.find(db, export_id), firing, store.clock())
        return firing
    return None


def ask(store: Store, who: Person, ref: str) -> Export:
    """Record that a person wants an attempt at an export now, by its approved rules.

    Raises:
        ForbiddenError: the person may not run the export.
        NotFoundError: no such export.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        found = managed(act, ref)
        act.note("refreshed", "export", ref=found.id, name=found.name)
        return found


def undecided(store: Store) -> tuple[Plan, ...]:
    """List the plans of attempts that were made, or could not be, and have no run."""
    query = _pending().where(plans.c.state != PlanState.MAKING)
    with store.read() as db:
        rows = db.execute(query.order_by(plans.c.made_at)).mappings()
        return tuple(plan_record.plan_of(row) for row in rows)


def before(store: Store, export_id: str) -> Before | None:
    """Read what the last run that was done was about; None when there was none."""
    query = (
        select(plans.c.counts, runs.c.n_rejected)
        .join(runs, runs.c.plan_id == plans.c.id)
        .where(runs.c.export_id == export_id, runs.c.state == RunState.DONE, runs.c.kind == "push")
        .order_by(runs.c.requested_at.desc())
    )
    with store.read() as db:
        row = db.execute(query.limit(1)).first()
    return (
        None if row is None else Before(int((row.counts or {}).get("contacts", 0)), row.n_rejected)
    )


def carry_out(store: Store, plan_id: str) -> Run:
    """Queue the run of an attempt, on the word of whoever approved the rules.

    Raises:
        NotFoundError: the export is gone.
        NotApprovedError: the export was changed since the plan, or its rules are not approved.
        OverLimitError: the plan holds more profiles than allowed.
        InUseError: another run of the export is not over.
        RefusedError: the export is detached.
    """
    with store.write() as db:
        if (there := run_rows.of_plan(db, plan_id)) is not None:
            return there
        plan = plan_record.find(db, plan_id)
        plan_record.require_current(db, plan, None)
        _approve(store, db, plan, _may_run(db, plan))
        made = run_rows.put(
            db, plan, RunState.QUEUED, by=MACHINE, at=store.clock(), trigger=plan.trigger
        )
        said = {"plan": plan.id, "trigger": made.trigger}
        audit.record(
            store, db, MACHINE, "asked for", "run", ref=made.id, name=made.export_name, new=said
        )
        return made


def end(store: Store, plan_id: str, state: RunState, message: str, rail: str = "") -> Run:
    """End an attempt before anything was sent; its plan stays for a person to look at.

    Args:
        store: where.
        plan_id: of the attempt.
        state: stopped, or failed.
        message: why.
        rail: field of ``Guard`` that stopped it, if one did.
    """
    with store.write() as db:
        if (there := run_rows.of_plan(db, plan_id)) is not None:
            return there
        plan, now = plan_record.find(db, plan_id), store.clock()
        note = db.scalar(select(table.c.note).where(table.c.plan_id == plan.id)) or ""
        made = run_rows.put(
            db,
            plan,
            state,
            by=MACHINE,
            at=now,
            trigger=plan.trigger,
            message=f"{note} {message}".strip(),
            rail=rail,
        )
        said = {"message": made.message, "plan": plan.id}
        audit.record(
            store, db, MACHINE, str(state), "run", ref=made.id, name=made.export_name, new=said
        )
        return made


def give_up(store: Store, plan_id: str, note: str) -> None:
    """Let an attempt pass without a run; its plan stays for a person to look at."""
    with store.write() as db:
        firings.give_up(db, plan_id, note)


def _pending() -> Select[tuple[Plan]]:
    """Plans of attempts that have no run yet."""
    query = select(plans).join(table, table.c.plan_id == plans.c.id)
    return query.outerjoin(runs, runs.c.plan_id == plans.c.id).where(runs.c.id.is_(None))


def _busy(db: Db, export_id: str) -> bool:
    live = select(runs.c.id).where(runs.c.state.in_(LIVE), runs.c.export_id == export_id)
    pending = _pending().where(table.c.export_id == export_id)
    return any(db.execute(query.limit(1)).first() is not None for query in (live, pending))


def _may_run(db: Db, plan: Plan) -> Export:
    export = export_record.find(db, plan.export_id)
    if not export.rules_approved:
        raise NotApprovedError("Nobody has approved the export's rules as they are now.")
    if export.connection_id is None:
        raise RefusedError(f"The export “{export.name}” has no connection: attach it to one.")
    return export


def _approve(store: Store, db: Db, plan: Plan, export: Export) -> None:
    values = {
        "approved_by": export.rules_approved_by,
        "approved_at": store.clock(),
        "approved_fingerprint": plan.fingerprint,
    }
    db.execute(update(plans).where(plans.c.id == plan.id).values(values))
    said = {"fingerprint": plan.fingerprint, "counts": plan.counts}
    said["by the rules that were approved by"] = export.rules_approved_by or ""
    audit.record(
        store, db, MACHINE, "approved", "plan", ref=plan.id, name=plan.export_name, new=said
    )
