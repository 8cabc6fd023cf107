"""Gathering: members stream out of the warehouse and become contacts, each profile once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

import duckdb
import pyarrow as pa

from lib.contacts.contacts import KEY, select_formed, select_numbered
from lib.errors import CancelledError
from lib.runs.plan.wish import Progress, Wish
from lib.segments.members import select_members, select_rows
from lib.sql import Sql
from lib.warehouse import Warehouse


def gather(
    db: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    wish: Wish,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> int:
    """Make the view ``contacts``, as lib.contacts.contacts has them, and return how many there are.

    Args:
        db: where; the members are kept in a table of it, about 100 bytes each.
        warehouse: where the segments' members are read.
        wish: what is to be planned.
        progress: told what is going on.
        cancelled: asked with every batch.

    Raises:
        SqlError: a segment that does not run any more.
        MatchingError: the matching cannot feed this audience.
        CancelledError: a person pressed cancel.
    """
    for query in _ways(warehouse, wish):
        if _form(db, wish, _Members(warehouse.stream(query), progress, cancelled)):
            break
    only = wish.only_segment
    contacts = select_numbered(wish.matching, wish.fields, "formed", only_segment=only)
    db.execute(f"create view contacts as {contacts.text}")
    ((profiles,),) = db.execute("select count(*) from formed").fetchall()
    return int(profiles)


def stop(cancelled: Callable[[], bool]) -> None:
    """End the making of a plan when somebody asked for it.

    Raises:
        CancelledError: a person pressed cancel.
    """
    if cancelled():
        raise CancelledError("The plan was cancelled; nothing was sent.")


def _ways(warehouse: Warehouse, wish: Wish) -> Iterator[Sql]:
    """Give the queries for the members, to be asked until one of them returns nobody twice."""
    profiles, columns = warehouse.profile_table(), wish.matching.columns
    if wish.only_segment and all(wish.segments[0].has(column) for column in columns):
        yield select_rows(wish.segments[0], profiles, columns)
    yield select_members(wish.segments, profiles, columns)


class _Members:
    """Batches of the warehouse, handed on one by one; the first one tells the columns."""

    def __init__(
        self,
        batches: Iterator[pa.RecordBatch],
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self._first = next(batches)
        self._batches = batches
        self.progress = progress
        self._cancelled = cancelled
        self._broken: Exception | None = None

    def repeat_at_once(self) -> bool:
        """Say whether somebody comes twice in the first batch, as when rows were multiplied."""
        keys = self._first.column(KEY)
        return len(keys.unique()) < len(keys)

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._first.schema, self._counted())

    @contextmanager
    def read(self) -> Iterator[None]:
        """Raise what broke off the reading as it is; DuckDB would say it in words of its own."""
        try:
            yield
        except duckdb.Error:
            if self._broken is not None:
                raise self._broken from None
            raise

    def _counted(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._told()
        except Exception as error:
            self._broken = error
            raise

    def _told(self) -> Iterator[pa.RecordBatch]:
        rows = 0
        for batch in chain([self._first], self._batches):
            rows += batch.num_rows
            stop(self._cancelled)
            self.progress(f"Reading profiles ({rows:,})", -1.0)
            yield batch


def _form(db: duckdb.DuckDBPyConnection, wish: Wish, found: _Members) -> bool:
    """Fill the table that contacts are made of; say whether everybody is in it once."""
    if found.repeat_at_once():
        return False
    # DuckDB finds the reader by its name, registered or as a variable, and reads it once.
    members = found.reader()
    db.register("members", members)
    formed = select_formed(wish.matching, wish.fields, "members", only_segment=wish.only_segment)
    db.execute("set preserve_insertion_order = true")
    with found.read():
        db.execute(f"create or replace table formed as {formed.text}", list(formed.params))
    twice = db.execute(_TWICE).fetchall()
    db.execute("set preserve_insertion_order = false")
    db.unregister("members")
    return not twice


# Equal keys stand side by side, so that one pass tells.
_TWICE = """
select 1 from (select "key" = lag("key") over () as again from formed) where again limit 1
"""
