"""The journal: every batch of a run, marked before it is sent and again when it is answered.

A mark says whether it took effect; marking twice changes nothing. The counters of the run move
in the same transaction, so that outcomes always add up.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, func, insert, select, update

from lib.errors import NotFoundError
from lib.store import rejections
from lib.store.batch_record import (
    NEXT,
    OPEN,
    UPSERT,
    A,
    Batch,
    BatchState,
    D,
    P,
    Range,
    S,
    share,
)
from lib.store.database import Store
from lib.store.rejections import Rejection
from lib.store.rows import build
from lib.store.tables import batches, runs

__all__ = ["Batch", "BatchState", "Range"]


def plan(store: Store, run_id: str, ranges: Sequence[Range]) -> int:
    """Write down all batches of a run at once; when that was done before, leave them.

    Returns:
        How many batches the run has.
    """
    rows = [
        {"run_id": run_id, "seq": seq, "state": P, **asdict(one)} for seq, one in enumerate(ranges)
    ]
    with store.write() as db:
        already = db.scalar(select(func.count()).where(batches.c.run_id == run_id)) or 0
        if already or not rows:
            return already
        db.execute(insert(batches), rows)
        total = sum(one.contacts for one in ranges)
        upserts = sum(one.contacts for one in ranges if one.kind == UPSERT)
        values = {"total": total, "n_not_sent": upserts}
        db.execute(update(runs).where(runs.c.id == run_id).values(values))
    return len(rows)


def open_batches(store: Store, run_id: str) -> tuple[Batch, ...]:
    """List what is still to do, in order: planned, sent without an answer, or in doubt."""
    query = select(batches).where(batches.c.run_id == run_id, batches.c.state.in_(OPEN))
    with store.read() as db:
        rows = db.execute(query.order_by(batches.c.seq)).mappings()
        return tuple(_batch(row) for row in rows)


def all(store: Store, run_id: str) -> tuple[Batch, ...]:
    """List every batch of a run, in order."""
    query = select(batches).where(batches.c.run_id == run_id).order_by(batches.c.seq)
    with store.read() as db:
        return tuple(_batch(row) for row in db.execute(query).mappings())


def tally(store: Store, run_id: str) -> dict[BatchState, int]:
    """Count the batches of a run per state."""
    query = select(batches.c.state, func.count()).where(batches.c.run_id == run_id)
    with store.read() as db:
        counted = db.execute(query.group_by(batches.c.state)).all()
    found = {row[0]: row[1] for row in counted}
    return {state: found.get(state, 0) for state in BatchState}


def mark_sent(store: Store, run_id: str, seq: int) -> bool:
    """Journal that a batch is about to be sent. When False, do not send: it was answered.

    A batch in doubt stays in doubt, with one more attempt.
    """
    with store.write() as db:
        old = _get(db, run_id, seq)
        state = D if old.state is D else S
        attempts = old.attempts + 1
        return _mark(store, db, old, state, sent_at=store.clock(), attempts=attempts)


def mark_answered(
    store: Store,
    run_id: str,
    seq: int,
    *,
    created: int,
    updated: int,
    rejections: Sequence[Rejection] = (),
) -> bool:
    """Journal the answer to a batch, with its rejections.

    Contacts of the batch that the answer does not mention are in doubt.

    Raises:
        ValueError: the answer speaks of more contacts than the batch has.
    """
    with store.write() as db:
        old = _get(db, run_id, seq)
        rest = old.contacts - created - updated - len(rejections)
        if rest < 0:
            raise ValueError(f"Batch {seq} was answered for more contacts than it has.")
        return _mark(
            store,
            db,
            old,
            A,
            refused=rejections,
            created=created,
            updated=updated,
            rejected=len(rejections),
            in_doubt=rest,
        )


def mark_in_doubt(store: Store, run_id: str, seq: int, message: str = "") -> bool:
    """Journal that the reply to a batch was lost: it may have been applied."""
    with store.write() as db:
        return _mark(store, db, _get(db, run_id, seq), D, message=message)


def mark_unsent(store: Store, run_id: str, seq: int, message: str = "") -> bool:
    """Journal that a batch was certainly not applied (throttled, no connection): to do again."""
    with store.write() as db:
        old = _get(db, run_id, seq)
        return old.state is S and _mark(store, db, old, P, message=message)


def doubt_unanswered(store: Store, db: Db, run_id: str) -> int:
    """Put in doubt what was sent and never answered; the worker that sent it is gone."""
    query = select(batches).where(batches.c.run_id == run_id, batches.c.state == S)
    found = [_batch(row) for row in db.execute(query).mappings()]
    for batch in found:
        _mark(store, db, batch, D)
    return len(found)


def unsent(db: Db, run_id: str) -> bool:
    """Say whether a run has batches that were never sent."""
    query = select(batches.c.seq).where(batches.c.run_id == run_id, batches.c.state == P)
    return db.scalar(query.limit(1)) is not None


def _get(db: Db, run_id: str, seq: int) -> Batch:
    query = select(batches).where(batches.c.run_id == run_id, batches.c.seq == seq)
    row = db.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise NotFoundError(f"The run “{run_id}” has no batch {seq}.")
    return _batch(row)


def _batch(row: RowMapping) -> Batch:
    return build(Batch, row, state=BatchState(row["state"]))


def _mark(
    store: Store,
    db: Db,
    old: Batch,
    state: BatchState,
    *,
    refused: Sequence[Rejection] = (),
    **values: Any,  # noqa: ANN401 - columns of any type
) -> bool:
    if state not in NEXT[old.state]:
        return False
    here = (batches.c.run_id == old.run_id) & (batches.c.seq == old.seq)
    db.execute(update(batches).where(here).values(**values, state=state))
    rejections.put(db, old.run_id, old.seq, refused)
    before, after = share(old), share(_get(db, old.run_id, old.seq))
    moved = {
        name: runs.c[name] + after.get(name, 0) - before.get(name, 0)
        for name in before.keys() | after.keys()
        if after.get(name, 0) != before.get(name, 0)
    }
    if moved:
        db.execute(update(runs).where(runs.c.id == old.run_id).values(moved))
    return True
