"""Member counts of segments over time: the trend, and a cache of the newest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from lib.access import Action, Person, require
from lib.store import segments
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import segment_counts
from lib.store.tables import segments as segments_table


@dataclass(frozen=True, slots=True)
class Count:
    """How many members a segment had at a moment."""

    segment_id: str
    at: datetime
    count: int
    version: str
    """Version of the warehouse's data that was counted."""
    fresh: bool = True
    """The segment's query is still the one that was counted."""


def record(store: Store, who: Person, ref: str, count: int, version: str = "") -> Count:
    """Keep a count that was just made of the segment's present query.

    Raises:
        ForbiddenError: the person may not query.
        NotFoundError: no such segment.
    """
    require(who, Action.QUERY)
    with store.write() as db:
        found = segments.find(db, ref)
        row = {
            "segment_id": found.id,
            "at": store.clock(),
            "count": count,
            "version": version,
            "query_hash": _hash(found.sql),
        }
        db.execute(insert(segment_counts).values(row))
    return build(Count, row)


def trend(store: Store, who: Person, ref: str, *, limit: int = 1000) -> tuple[Count, ...]:
    """Read the newest counts of a segment, oldest first."""
    require(who, Action.LOOK)
    with store.read() as db:
        found = segments.find(db, ref)
        query = select(segment_counts).where(segment_counts.c.segment_id == found.id)
        rows = db.execute(query.order_by(segment_counts.c.id.desc()).limit(limit)).mappings().all()
    now = _hash(found.sql)
    return tuple(build(Count, row, fresh=row["query_hash"] == now) for row in reversed(rows))


def newest(store: Store, who: Person) -> Mapping[str, Count]:
    """Read the newest count of each segment, by the segment's id."""
    require(who, Action.LOOK)
    last = select(func.max(segment_counts.c.id)).group_by(segment_counts.c.segment_id)
    query = (
        select(segment_counts, segments_table.c.sql)
        .join(segments_table, segments_table.c.id == segment_counts.c.segment_id)
        .where(segment_counts.c.id.in_(last))
    )
    with store.read() as db:
        rows = db.execute(query).mappings().all()
    return {
        row["segment_id"]: build(Count, row, fresh=row["query_hash"] == _hash(row["sql"]))
        for row in rows
    }


def _hash(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
