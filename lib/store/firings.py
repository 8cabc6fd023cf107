"""Firings: each moment an export was due has one row, so that it fires once and is not lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, delete, func, insert, select, update

from lib.access import Action, Person, require
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import firings

SET = "set"
"""Note of a row that is no firing: the schedule was set then, and nothing before it is missed."""


@dataclass(frozen=True, slots=True)
class Firing:
    """What became of one moment at which an export was due."""

    export_id: str
    due_at: datetime
    plan_id: str | None
    """The plan of the attempt; None when nothing was attempted."""
    note: str
    """Why nothing was attempted, or what else there is to say, in words for people."""


def begin_here(db: Db, export_id: str, at: datetime) -> None:
    """Let nothing before this moment count as missed."""
    add(db, Firing(export_id, at, None, SET))


def add(db: Db, firing: Firing) -> bool:
    """Write a firing, unless there is one of that moment or of a later one; say whether."""
    newest = select(func.max(firings.c.due_at)).where(firings.c.export_id == firing.export_id)
    last = db.scalar(newest)
    if last is not None and last >= firing.due_at:
        return False
    row = {name: getattr(firing, name) for name in Firing.__slots__}
    db.execute(insert(firings).values(row))
    return True


def planned(db: Db, firing: Firing, plan_id: str) -> Firing:
    """Record which plan a firing began."""
    here = (firings.c.export_id == firing.export_id) & (firings.c.due_at == firing.due_at)
    db.execute(update(firings).where(here).values(plan_id=plan_id))
    return replace(firing, plan_id=plan_id)


def give_up(db: Db, plan_id: str, note: str) -> None:
    """Record that no run came of the attempt after all, and why."""
    here = update(firings).where(firings.c.plan_id == plan_id)
    db.execute(here.values(plan_id=None, note=note))


def note_of(store: Store, plan_id: str) -> str:
    """Read what there is to say of the firing that began a plan; empty when nothing is."""
    with store.read() as db:
        return db.scalar(select(firings.c.note).where(firings.c.plan_id == plan_id)) or ""


def waits(store: Store, plan_id: str) -> bool:
    """Say whether the plan is that of an attempt, and no other attempt or run came before it."""
    with store.read() as db:
        return db.scalar(select(firings.c.plan_id).where(firings.c.plan_id == plan_id)) is not None


def newest(store: Store, who: Person) -> Mapping[str, Firing]:
    """Read the newest firing of each export, by the export's id."""
    require(who, Action.LOOK)
    last = select(firings.c.export_id, func.max(firings.c.due_at).label("due_at"))
    ends = last.where(firings.c.note != SET).group_by(firings.c.export_id).subquery()
    same = (firings.c.export_id == ends.c.export_id) & (firings.c.due_at == ends.c.due_at)
    with store.read() as db:
        rows = db.execute(select(firings).join(ends, same)).mappings().all()
    return {row["export_id"]: _firing(row) for row in rows}


def forget(store: Store, before: datetime) -> int:
    """Delete firings before a moment, except the newest row of each export; say how many."""
    newer = firings.alias("newer")
    ends = select(func.max(newer.c.due_at)).where(newer.c.export_id == firings.c.export_id)
    with store.write() as db:
        old = (firings.c.due_at < before) & (firings.c.due_at < ends.scalar_subquery())
        return db.execute(delete(firings).where(old)).rowcount


def _firing(row: RowMapping) -> Firing:
    return build(Firing, row)
