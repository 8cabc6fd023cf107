# ruff: noqa: S608 - queries are made of constants and quoted paths
"""Merging pages into a snapshot, in SQL over Parquet; memory stays bounded at any size.

Of two versions of a member the newer change wins; at the same second being archived wins, as the
archived are read last.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

from lib.mailchimp.member import MEMBERS, MemberPage
from lib.runs.audience.marks import OVERLAP, OVERLAP_CLOSED, Mark
from lib.runs.local import appearing, disk, scratch
from lib.sql import text

_NEWEST = "last_changed desc nulls last, (status = 'archived') desc"


def combine(snapshot: Path, directories: Sequence[Path]) -> None:
    """Make the snapshot of all pages in these directories, each member once."""
    pages = f"[{', '.join(text(str(one / '*.parquet')) for one in directories)}]"
    rows = f"read_parquet({pages}, filename = true, file_row_number = true)"
    with scratch(snapshot.parent) as db:
        # Only the keys are sorted: values of a million members would not fit into the memory.
        db.execute(
            "create table chosen as select filename, file_row_number from ("
            "select filename, file_row_number, row_number() over (partition by member_id order by "
            f"{_NEWEST}, filename desc) as place from {rows}) where place = 1"
        )
        _write(
            db,
            f"select {_columns()} from {rows} semi join chosen using (filename, file_row_number)",
            snapshot,
        )


def merge(
    snapshot: Path, heads: Sequence[MemberPage], directory: Path, *, closed: bool = False
) -> None:
    """Put changed members into the snapshot: the heads, and pages under a directory if it exists.

    The snapshot's file is left alone when nothing changed.

    Args:
        snapshot: the file.
        heads: the newest page of each pass.
        directory: of further pages.
        closed: the newest second in the snapshot was over when it was read. If it was not, a
            member may have changed again within it, which its ``last_changed`` does not show.
    """
    with scratch(snapshot.parent) as db:
        _changes(db, heads, directory)
        old = f"read_parquet({text(str(snapshot))})"
        if _news(db, old, _SEEN) or (not closed and _news(db, old, _WHOLE)):
            _write(
                db,
                f"select {_columns()} from {old} anti join changes using (member_id)"
                f" union all by name select {_columns()} from changes",
                snapshot,
            )


_SEEN = "o.status = c.status and o.last_changed = c.last_changed"
_WHOLE = "o.merge::varchar = c.merge::varchar and list_sort(o.tags) = list_sort(c.tags)"


def _news(db: duckdb.DuckDBPyConnection, old: str, alike: str) -> bool:
    """Say whether a changed member is not in the snapshot like that."""
    query = f"from changes c where not exists (from {old} o where o.member_id = c.member_id"
    ((news,),) = db.execute(f"select count(*) {query} and {alike})").fetchall()
    return bool(news)


def _changes(db: duckdb.DuckDBPyConnection, heads: Sequence[MemberPage], directory: Path) -> None:
    parts = [f"select {_columns()} from head_{place}" for place in range(len(heads))]
    for place, head in enumerate(heads):
        db.register(f"head_{place}", head.rows)
    if directory.exists():
        pages = text(str(directory / "**" / "*.parquet"))
        parts.append(f"select {_columns()} from read_parquet({pages})")
    db.execute(
        "create table changes as select distinct on (member_id) * from "
        f"({' union all '.join(parts)}) order by member_id, {_NEWEST}"
    )


def from_heads(snapshot: Path, heads: Sequence[MemberPage]) -> None:
    """Make the snapshot of an audience that fits into one page a pass."""
    with scratch(snapshot.parent) as db:
        _changes(db, heads, snapshot.parent / "none")
        _write(db, f"select {_columns()} from changes", snapshot)


def reaches(snapshot: Path, head: MemberPage, mark: Mark) -> bool:
    """Say whether the newest members, in a head, are all that can have changed since the mark.

    They are when the head is the whole pass, when it goes back far beyond the mark, or when every
    member in it is known as it is and nothing unknown can share a second with the last of them.
    """
    rows = head.rows.num_rows
    if rows >= head.total:
        return True
    oldest = head.rows.column("last_changed")[-1].as_py() if rows else None
    if mark.changed is None or oldest is None or not _newest_first(head):
        return False
    if oldest < mark.changed - (OVERLAP_CLOSED if mark.closed else OVERLAP):
        return True
    return (mark.closed or oldest < mark.changed) and _ends_known(snapshot, head)


def _newest_first(head: MemberPage) -> bool:
    # Not to_numpy: for moments it would load pandas, which takes seconds.
    changed = pl.Series(head.rows.column("last_changed"))
    return not changed.has_nulls() and changed.is_sorted(descending=True)


def _ends_known(snapshot: Path, head: MemberPage) -> bool:
    """Say whether the oldest rows, at least the last fifth of them, are known as they are."""
    tail = head.rows.slice(head.rows.num_rows * 4 // 5)
    with scratch(snapshot.parent) as db:
        db.register("tail", tail)
        ((news,),) = db.execute(
            "select count(*) from tail anti join "
            f"read_parquet({text(str(snapshot))}) using (member_id, status, last_changed)"
        ).fetchall()
    return not news


def shifted(snapshot: Path, heads: Sequence[MemberPage]) -> bool:
    """Say whether members hold other values than in the snapshot and are not said to be changed.

    It is so when merge fields were changed; sometimes when a member changed twice in one second.
    """
    with scratch(snapshot.parent) as db:
        for place, head in enumerate(heads):
            db.register(f"head_{place}", head.rows)
        shown = " union all ".join(f"from head_{place}" for place in range(len(heads)))
        # Row groups with members that all changed earlier need not be read.
        ((found,),) = db.execute(
            f"with shown as materialized ({shown}) select count(*) from shown h"
            f" join read_parquet({text(str(snapshot))}) o using (member_id, status, last_changed)"
            f" where {_filled('h')} <> {_filled('o')}"
        ).fetchall()
    return bool(found)


def _filled(row: str) -> str:
    entries = f"list_filter(map_entries({row}.merge), lambda e: coalesce(e.value, '') <> '')"
    return f"list_sort({entries})"


def totals(snapshot: Path) -> tuple[int, int]:
    """Members of each pass in a snapshot."""
    with scratch(snapshot.parent) as db:
        return db.execute(
            "select count(*) filter (status <> 'archived'), count(*) filter (status = 'archived') "
            f"from read_parquet({text(str(snapshot))})"
        ).fetchall()[0]


def count(snapshot: Path) -> int:
    """Rows of a snapshot."""
    with disk():
        return int(pq.read_metadata(snapshot).num_rows)


def _columns() -> str:
    return ", ".join(f'"{name}"' for name in MEMBERS.names)


def _write(db: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    with appearing(path) as fresh:
        target = text(str(fresh))
        db.execute(f"copy ({query}) to {target} (format parquet, compression zstd)")
