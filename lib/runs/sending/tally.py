"""Tally of a layout: who needs no call, and how many members moved since the plan was made.

Over a connection that has the views of lib.runs.sending.layout.
"""

from pathlib import Path

import duckdb

from lib.runs.plan import planned
from lib.sql import ident, text


def settled(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the contacts that need no call, by outcome."""
    rows = db.execute(
        "select outcome, count(*) from held group by all union all by name"
        " select fate as outcome, count(*) from open_plan"
        " where fate not in ('added', 'updated') group by all"
    ).fetchall()
    counts: dict[str, int] = {}
    for outcome, contacts in rows:
        counts[str(outcome)] = counts.get(str(outcome), 0) + int(contacts)
    return counts


def moved(db: duckdb.DuckDBPyConnection, plan: Path) -> int:
    """Count members whose changing values are no longer those a person saw as the old ones."""
    differs = " or ".join(
        f"(p.new.{ident(tag)} is not null and coalesce(n.merge[{text(tag)}], '')"
        f" <> coalesce(p.old.{ident(tag)}, ''))"
        for tag in planned.matched(plan)
    )
    query = f"from open_plan p join now n on n.member_id = p.member_id where {differs}"
    return number(db, f"select count(*) {query}")


def number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one number that a query gives."""
    ((found,),) = db.execute(query).fetchall()
    return int(found)
