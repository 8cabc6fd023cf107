"""Conditions: how each export was when it was last told, and what a run says about it now.

An export is in the condition that its last ended run left it in; or held, when it came due since
and was forbidden what a person had once let it do. Undo runs and runs that a person cancelled say
nothing about an export: somebody was there and knows.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, delete, insert, or_, select

from lib.store.runs import RunState
from lib.store.tables import conditions, runs


class Condition(StrEnum):
    """How an export is; problems of different kinds are different conditions."""

    OK = "ok"
    FAILED = "failed"
    STOPPED = "stopped"
    """A guard rail stopped the run, and asks."""
    INTERRUPTED = "interrupted"
    """Mailchimp or the disk was away for too long; the run can be resumed."""
    REJECTIONS = "rejections"
    HELD = "held"
    """It came due and was not run: its rules lapsed, or it may not run by itself any more."""


RECOVERED = "recovered"
"""The event of coming back to ok; every other event is called like the condition it leads to."""
_TELLING = (RunState.DONE, RunState.FAILED, RunState.STOPPED)


def left_by(run: RowMapping) -> Condition:
    """Say which condition an ended run leaves its export in."""
    if run["state"] == RunState.FAILED:
        return Condition.FAILED
    if run["state"] == RunState.STOPPED:
        return Condition.STOPPED if run["rail"] else Condition.INTERRUPTED
    return Condition.REJECTIONS if run["n_rejected"] else Condition.OK


def event(before: Condition, now: Condition) -> str:
    """Name what is worth telling of a change; empty when there is nothing to tell."""
    if before is now:
        return ""
    return RECOVERED if now is Condition.OK else str(now)


def unsettled(db: Db) -> Sequence[RowMapping]:
    """Read the runs that ended since their export's condition was settled, in that order."""
    since = or_(conditions.c.at.is_(None), runs.c.finished_at > conditions.c.at)
    query = (
        select(runs)
        .outerjoin(conditions, conditions.c.export_id == runs.c.export_id)
        .where(runs.c.state.in_(_TELLING), runs.c.undoes == "", runs.c.finished_at.is_not(None))
        .where(since)
        .order_by(runs.c.finished_at, runs.c.id)
    )
    return db.execute(query).mappings().all()


def known(db: Db, export_id: str) -> Condition:
    """Read how an export was when it was last settled; ok when it never was."""
    query = select(conditions.c.condition).where(conditions.c.export_id == export_id)
    return Condition(db.scalar(query) or Condition.OK)


def settle(db: Db, export_id: str, condition: Condition, run_id: str, at: datetime) -> None:
    """Keep the condition that the run left its export in."""
    db.execute(delete(conditions).where(conditions.c.export_id == export_id))
    row = {"export_id": export_id, "condition": condition, "run_id": run_id, "at": at}
    db.execute(insert(conditions).values(row))
