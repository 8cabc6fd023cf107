"""Queries that people ran."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from lib.access import Action, Person, require
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import queries

KEEP = 1_000
"""Queries kept for each person."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query that was run."""

    id: int
    who: str
    sql: str
    at: datetime
    ms: float
    rows: int | None
    error: str


def record(
    store: Store,
    who: Person,
    sql: str,
    *,
    ms: float,
    rows: int | None = None,
    error: str = "",
    keep: int = KEEP,
) -> Query:
    """Keep a query that was just run, and forget the person's oldest beyond ``keep``.

    Raises:
        ForbiddenError: the person may not query.
    """
    require(who, Action.QUERY)
    row = {"who": who.email, "sql": sql, "at": store.clock(), "ms": ms, "rows": rows}
    mine = select(queries.c.id).where(queries.c.who == who.email)
    with store.write() as db:
        made = db.execute(insert(queries).values(row | {"error": error}).returning(queries))
        query = build(Query, made.mappings().one())
        oldest = db.scalar(mine.order_by(queries.c.id.desc()).offset(keep).limit(1))
        if oldest is not None:
            db.execute(delete(queries).where(queries.c.who == who.email, queries.c.id <= oldest))
    return query


def all(
    store: Store,
    who: Person,
    *,
    search: str = "",
    limit: int = 100,
) -> tuple[Query, ...]:
    """List the person's own queries, newest first."""
    require(who, Action.QUERY)
    query = select(queries).where(queries.c.who == who.email)
    query = query.order_by(queries.c.id.desc()).limit(limit)
    if search.strip():
        query = query.where(queries.c.sql.icontains(search.strip(), autoescape=True))
    with store.read() as db:
        return tuple(build(Query, row) for row in db.execute(query).mappings())
