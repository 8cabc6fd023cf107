"""Runs: the carrying out of plans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, func, select

from lib.access import Action, Person, require
from lib.errors import NotFoundError
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import LIVE, OUTCOMES, connections, plans, runs


class RunState(StrEnum):
    """How far a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


_OVER = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.STOPPED})
NEXT: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING}) | _OVER - {RunState.DONE},
    RunState.RUNNING: _OVER,
    RunState.DONE: frozenset(),
    RunState.FAILED: frozenset({RunState.QUEUED}),
    RunState.CANCELLED: frozenset({RunState.QUEUED}),
    RunState.STOPPED: frozenset({RunState.QUEUED}),
}
"""Which state may follow which; from what is not done, resuming leads back to the queue."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as it stood at the moment it was read."""

    id: str
    export_id: str
    export_name: str
    plan_id: str | None
    connection_id: str | None
    audience_id: str
    kind: str
    """``push``, or ``undo`` of the run ``undoes``."""
    undoes: str
    trigger: str
    """``hand``, ``refresh``, ``schedule``, or ``missed`` when made up for."""
    state: RunState
    phase: str
    outcomes: Mapping[str, int] = field(hash=False)
    """Contacts per outcome; their sum never changes while the run goes on."""
    total: int
    """Contacts to send."""
    sent: int
    """Of these, how many were answered, refused or are in doubt."""
    rate_since: datetime | None
    """When the present stretch of sending began …"""
    rate_sent: int
    """… and how many had been sent by then."""
    cancel_requested: bool
    attempts: int
    """How often a worker took it up."""
    requested_at: datetime
    requested_by: str
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    """Why it failed or stopped, in words for people."""
    rail: str = ""
    """Field of ``Guard`` that stopped it; empty when none did."""

    @property
    def live(self) -> bool:
        """Whether it is not over."""
        return self.state in LIVE

    def rate(self, now: datetime) -> float:
        """Contacts per second since the present stretch of sending began."""
        if self.rate_since is None:
            return 0.0
        seconds = (min(now, self.finished_at or now) - self.rate_since).total_seconds()
        return (self.sent - self.rate_sent) / seconds if seconds > 0 else 0.0

    def seconds_left(self, now: datetime) -> float | None:
        """How long sending the rest takes at this rate; None while nothing can be said."""
        rate = self.rate(now)
        return (self.total - self.sent) / rate if rate > 0 else None


def all(
    store: Store,
    who: Person,
    *,
    export: str = "",
    state: RunState | None = None,
    limit: int = 100,
) -> tuple[Run, ...]:
    """List runs, newest first, of one export (id, or name it had) or of all."""
    require(who, Action.LOOK)
    query = select(runs).order_by(runs.c.requested_at.desc(), runs.c.id.desc())
    if export:
        query = query.where((runs.c.export_id == export) | (runs.c.export_name == export))
    if state is not None:
        query = query.where(runs.c.state == state)
    with store.read() as db:
        return tuple(_run(row) for row in db.execute(query.limit(limit)).mappings())


def count(store: Store, who: Person, *, state: RunState) -> int:
    """Count the runs in a state, however many they are."""
    require(who, Action.LOOK)
    with store.read() as db:
        return db.scalar(select(func.count()).where(runs.c.state == state)) or 0


def get(store: Store, who: Person, run_id: str) -> Run:
    """Find one by id.

    Raises:
        NotFoundError: no such run.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        return find(db, run_id)


def of_plan(store: Store, who: Person, plan_id: str) -> Run | None:
    """Find the run that carries a plan out; None while there is none."""
    require(who, Action.LOOK)
    with store.read() as db:
        row = db.execute(select(runs).where(runs.c.plan_id == plan_id)).mappings().first()
        return None if row is None else _run(row)


def live(store: Store, who: Person) -> tuple[Run, ...]:
    """List the runs that are not over, oldest first."""
    require(who, Action.LOOK)
    query = select(runs).where(runs.c.state.in_(LIVE)).order_by(runs.c.requested_at, runs.c.id)
    with store.read() as db:
        return tuple(_run(row) for row in db.execute(query).mappings())


def to_add(
    store: Store, who: Person, connection_id: str, *, besides: str = "", queued: bool = True
) -> int:
    """Count the contacts that runs under way are still to add to the account of a connection.

    Args:
        store: where.
        who: anybody.
        connection_id: one connection to the account; runs over others to it count as well.
        besides: a plan whose run does not count.
        queued: those count too that no worker has taken up.
    """
    require(who, Action.LOOK)
    account = select(connections.c.account_id).where(connections.c.id == connection_id)
    same = (connections.c.account_id != "") & (connections.c.account_id.in_(account))
    over = select(connections.c.id).where((connections.c.id == connection_id) | same)
    states = LIVE if queued else (RunState.RUNNING,)
    query = (
        select(plans.c.counts, runs.c.n_added)
        .join(plans, plans.c.id == runs.c.plan_id)
        .where(runs.c.state.in_(states), runs.c.kind == "push", plans.c.id != besides)
        .where(runs.c.connection_id.in_(over))
    )
    with store.read() as db:
        found = db.execute(query).all()
    planned = ((row.counts or {}).get("fates", {}).get("added", 0) for row in found)
    return sum(max(0, many - row.n_added) for many, row in zip(planned, found, strict=True))


def newest(store: Store, who: Person) -> Mapping[str, Run]:
    """Read the newest run of each export, by the export's id."""
    require(who, Action.LOOK)
    last = func.row_number().over(
        partition_by=runs.c.export_id, order_by=(runs.c.requested_at.desc(), runs.c.id.desc())
    )
    ranked = select(runs, last.label("place")).subquery()
    with store.read() as db:
        rows = db.execute(select(ranked).where(ranked.c.place == 1)).mappings().all()
    return {row["export_id"]: _run(row) for row in rows}


def find(db: Db, run_id: str) -> Run:
    """Find one by id inside a transaction.

    Raises:
        NotFoundError: no such run.
    """
    row = db.execute(select(runs).where(runs.c.id == run_id.strip())).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no run “{run_id}”.")
    return _run(row)


def _run(row: RowMapping) -> Run:
    outcomes = {outcome: int(row[f"n_{outcome}"]) for outcome in OUTCOMES}
    return build(Run, row, state=RunState(row["state"]), outcomes=outcomes)
