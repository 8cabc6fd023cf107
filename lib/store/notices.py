"""Notices: what there is to tell, to which channel, and whether it arrived.

The outbox. A change of an export's condition and the notices of it are written in one transaction,
so that whatever is killed when, no change is told twice or lost. Sending notes the attempt before
and the success after it: only who is killed in between sends a notice again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, Select, insert, select, update

from lib.access import Action, Person, require
from lib.store import conditions
from lib.store.conditions import Condition
from lib.store.database import Store
from lib.store.export_record import Export
from lib.store.firings import Firing
from lib.store.rows import build
from lib.store.tables import OUTCOMES, channels, notices


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell to one channel."""

    id: int
    at: datetime
    """When it happened."""
    event: str
    export_id: str
    run_id: str
    body: Mapping[str, Any] = field(hash=False)
    """The facts as of then: export, its id, trigger, reason, outcomes (contacts by outcome)."""
    channel_id: str
    channel_name: str
    kind: str
    """Of the channel."""
    sent_at: datetime | None
    attempts: int
    next_at: datetime | None
    """When to try; None once it was sent or given up."""
    error: str
    """Why the last attempt failed."""

    @property
    def state(self) -> Literal["sent", "waiting", "given up"]:
        """How far it is."""
        if self.sent_at is not None:
            return "sent"
        return "waiting" if self.next_at is not None else "given up"


def settle(store: Store) -> int:
    """Bring conditions up to date with the runs, and write the notices of what changed.

    Returns:
        How many notices were written.
    """
    with store.read() as db:
        if not conditions.unsettled(db):
            return 0
    with store.write() as db:
        return sum(_settle(db, run) for run in conditions.unsettled(db))


def hold(db: Db, export: Export, firing: Firing, at: datetime) -> int:
    """Tell that an export came due and was not run, unless that was told; say how many notices."""
    # What ended before it is told first, and would count as settled from now on.
    for run in conditions.unsettled(db):
        _settle(db, run)
    before = conditions.known(db, export.id)
    conditions.settle(db, export.id, Condition.HELD, "", at)
    facts = {"export": export.name, "export_id": export.id, "reason": firing.note}
    row = {"at": at, "event": conditions.event(before, Condition.HELD), "body": facts}
    return _tell(db, row | {"export_id": export.id})


def due(store: Store, now: datetime) -> tuple[Notice, ...]:
    """List all that waits for the channels that have something due, oldest first.

    A channel is told in order, so what is new to a channel that is away waits behind what is old.
    """
    waits = notices.c.next_at.is_not(None)
    ready = select(notices.c.channel_id).where(notices.c.next_at <= now)
    query = _select().where(waits, notices.c.channel_id.in_(ready)).order_by(notices.c.id)
    with store.read() as db:
        return _read(db, query)


def log(store: Store, who: Person, *, limit: int = 50) -> tuple[Notice, ...]:
    """List the last notices, newest first.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.read() as db:
        return _read(db, _select().order_by(notices.c.id.desc()).limit(limit))


def attempt(store: Store, notice: Notice, next_at: datetime) -> None:
    """Note that it is about to be sent; unless it is noted as sent, all of its channel waits."""
    counted = {"attempts": notices.c.attempts + 1}
    with store.write() as db:
        db.execute(update(notices).where(notices.c.id == notice.id).values(counted))
        _postpone(db, notice.channel_id, next_at)


def sent(store: Store, notice: Notice) -> None:
    """Note that the channel took it, and may take the next one at once."""
    now = store.clock()
    values = {"sent_at": now, "next_at": None, "error": ""}
    with store.write() as db:
        db.execute(update(notices).where(notices.c.id == notice.id).values(values))
        _postpone(db, notice.channel_id, now)


def failed(store: Store, notice: Notice, error: str, *, for_good: bool) -> None:
    """Note why it was not taken; for good, it is not tried again."""
    values: dict[str, Any] = {"error": error} | ({"next_at": None} if for_good else {})
    with store.write() as db:
        db.execute(update(notices).where(notices.c.id == notice.id).values(values))


def _postpone(db: Db, channel_id: str, moment: datetime) -> None:
    waiting = (notices.c.channel_id == channel_id) & notices.c.next_at.is_not(None)
    db.execute(update(notices).where(waiting).values(next_at=moment))


def _settle(db: Db, run: RowMapping) -> int:
    before, now = conditions.known(db, run["export_id"]), conditions.left_by(run)
    conditions.settle(db, run["export_id"], now, run["id"], run["finished_at"])
    event = conditions.event(before, now)
    row = {"at": run["finished_at"], "event": event, "body": _facts(run), "run_id": run["id"]}
    return _tell(db, row | {"export_id": run["export_id"]})


def _tell(db: Db, row: Mapping[str, Any]) -> int:
    """Write the notices of an event, if there is one, due at once; say how many."""
    told = _listeners(db, row["at"]) if row["event"] else ()
    if told:
        due = {**row, "next_at": row["at"]}
        db.execute(insert(notices), [due | {"channel_id": channel_id} for channel_id in told])
    return len(told)


def _listeners(db: Db, at: datetime) -> Sequence[str]:
    """Channels that were there when it happened: a new one is not told old news."""
    query = select(channels.c.id).where(channels.c.active, channels.c.created_at <= at)
    return db.scalars(query).all()


def _facts(run: RowMapping) -> dict[str, Any]:
    return {
        "export": run["export_name"],
        "export_id": run["export_id"],
        "trigger": run["trigger"],
        "run": run["id"],
        "begun": run["started_at"] is not None,
        "reason": run["message"],
        "outcomes": {name: run[f"n_{name}"] for name in OUTCOMES},
    }


def _select() -> Select[*tuple[Any, ...]]:
    return select(notices, channels.c.name.label("channel_name"), channels.c.kind).join(
        channels, channels.c.id == notices.c.channel_id
    )


def _read(db: Db, query: Select[*tuple[Any, ...]]) -> tuple[Notice, ...]:
    return tuple(build(Notice, row) for row in db.execute(query).mappings())
