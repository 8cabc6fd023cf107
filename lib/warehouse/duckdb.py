"""The warehouse on DuckDB: views over the sources' Parquet in a sandbox, a cursor for each call."""

import itertools
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from lib.errors import SourceError, StorageError
from lib.sources import Source
from lib.sql import Sql, check_select, ident
from lib.sql.functions import FUNCTIONS, TABLE_FUNCTIONS
from lib.warehouse import Column, Preview, ProfileTable, Table, legible
from lib.warehouse.complaints import translated
from lib.warehouse.files import fingerprint
from lib.warehouse.profiles import candidates
from lib.warehouse.sandbox import Limits, Opened, open_sandbox
from lib.warehouse.work import Work, Works

_NUMBER = itertools.count()


def open_duckdb(
    sources: Sequence[Source],
    *,
    directory: Path,
    memory: str = "2GB",
    timeout_s: float = 60.0,
    time_zone: str = "UTC",
    threads: int | None = None,
) -> "DuckDBWarehouse":
    """Open a warehouse over the sources; those that cannot be read now do not stop the others.

    Args:
        sources: what becomes tables, in the order given.
        directory: ours to write to; queries that outgrow the memory spill below it.
        memory: most memory for all queries together, in DuckDB's words.
        timeout_s: longest a query may run; a stream's reader counts too.
        time_zone: IANA name that dates and times of queries mean.
        threads: None takes one for each core.

    Raises:
        StorageError: the directory cannot be written.
        SetupError: a limit the engine refuses.
    """
    try:
        spill = _own_spill(directory / "spill")
    except OSError:
        raise StorageError("The folder for queries that spill cannot be written.") from None
    limits = Limits(spill, memory, timeout_s, time_zone, threads)
    return DuckDBWarehouse(tuple(sources), limits)


def _own_spill(parent: Path) -> Path:
    """Make a folder of this process, and clear away those of processes that ended."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.iterdir():
        if not _is_alive(left.name.split("-", 1)[0]):
            shutil.rmtree(left, ignore_errors=True)
    mine = parent / f"{os.getpid()}-{next(_NUMBER)}"
    shutil.rmtree(mine, ignore_errors=True)
    mine.mkdir()
    return mine


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


class DuckDBWarehouse:
    """Implements ``lib.warehouse.Warehouse``; use it from any thread, and close it."""

    dialect = "duckdb"

    def __init__(self, sources: tuple[Source, ...], limits: Limits) -> None:
        self._sources = sources
        self._limits = limits
        self._works = Works()
        self._turn = threading.RLock()
        self._version = fingerprint(sources)
        self._opened = open_sandbox(sources, limits)
        self._profiles: tuple[str, ProfileTable | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all work and give back memory and disk."""
        self._works.cancel_all()
        # A query that DuckDB cannot interrupt keeps its connection, and gives it back by ending.
        with self._turn, suppress(duckdb.ResourceInUseException):
            self._opened.connection.close()
        shutil.rmtree(self._limits.spill, ignore_errors=True)

    def version(self) -> str:
        """Return a text that changes whenever the data or the list of sources does."""
        return fingerprint(self._sources)

    def functions(self) -> tuple[str, ...]:
        """List the functions a query may call, for completion."""
        return tuple(sorted(FUNCTIONS | TABLE_FUNCTIONS))

    def broken(self) -> dict[str, str]:
        """Return, per source that cannot be read now, the sentence why."""
        opened = self._now()
        names = {source.name.lower(): source.name for source in self._sources}
        return {names[name]: why for name, why in opened.broken.items()}

    def tables(self) -> tuple[Table, ...]:
        """List the tables, by name."""
        return self._now().tables

    def profile_table(self) -> ProfileTable | None:
        """Return the table of profiles: the declared one, else one with an evident key.

        Raises:
            SourceError: the declared key is not among the table's columns.
        """
        opened = self._now()
        if self._profiles is None or self._profiles[0] != self._version:
            self._profiles = (self._version, self._find_profiles(opened.tables))
        return self._profiles[1]

    def _find_profiles(self, tables: tuple[Table, ...]) -> ProfileTable | None:
        by_name = {table.name: table for table in tables}
        for source in self._sources:
            if source.key and source.name in by_name:
                return _declared(source, by_name[source.name])
        for name, column in candidates(tables):
            if self._is_unique(name, column):
                return ProfileTable(name, column)
        return None

    def _is_unique(self, table: str, column: str) -> bool:
        query = f"SELECT {ident(column)} FROM {ident(table)}"  # noqa: S608
        distinct = f"SELECT DISTINCT {ident(column)} AS k FROM {ident(table)} WHERE k IS NOT NULL"  # noqa: S608
        return self.count(Sql(query)) == self.count(Sql(distinct))

    def describe(self, query: Sql, *, tag: str = "") -> tuple[Column, ...]:
        """Return the columns the query would return, without running it."""
        with self._at_work(query, tag) as (cursor, _):
            found = cursor.sql(_all_rows(query), params=list(query.params))
            return tuple(
                Column(name, str(kind))
                for name, kind in zip(found.columns, found.types, strict=True)
            )

    def count(self, query: Sql, *, tag: str = "") -> int:
        """Count the rows of the query."""
        with self._at_work(query, tag) as (cursor, _):
            return _count(cursor, query)

    def preview(self, query: Sql, limit: int, *, tag: str = "") -> Preview:
        """Run the query and return its first rows, legible, and its total."""
        with self._at_work(query, tag) as (cursor, work):
            every, params = _all_rows(query), list(query.params)
            shown = legible.columns_of(cursor.sql(every, params=params))
            text = f"SELECT {shown} FROM ({every}) LIMIT {max(0, int(limit))}"  # noqa: S608
            rows = legible.moments(cursor, cursor.sql(text, params=params).to_arrow_table())
            work.require()
            total = rows.num_rows if rows.num_rows < limit else _count(cursor, query)
            return Preview(rows, total)

    def stream(
        self, query: Sql, *, batch_rows: int = 100_000, tag: str = ""
    ) -> Iterator[pa.RecordBatch]:
        """Run the query and yield all its rows in batches, never all in memory.

        At least one batch comes, so that the columns are known of an empty result too.
        """
        with self._at_work(query, tag) as (cursor, work):
            found = cursor.sql(_all_rows(query), params=list(query.params))
            reader = found.to_arrow_reader(batch_rows)
            empty = True
            for batch in reader:
                work.require()
                empty = False
                yield batch
            if empty:
                # Made of nulls, since pyarrow imports pandas to make it of a Python list.
                columns = [pa.nulls(0, field.type) for field in reader.schema]
                yield pa.RecordBatch.from_arrays(columns, schema=reader.schema)

    def cancel(self, tag: str) -> None:
        """End all work under the tag, from any thread."""
        self._works.cancel(tag)

    @contextmanager
    def _at_work(self, query: Sql, tag: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Work]]:
        check_select(query.text)
        opened = self._now()
        with translated(opened, self._limits.timeout_s, query.text):
            with self._turn:
                cursor = opened.connection.cursor()
            with self._works.under(tag, cursor) as work, self._reopening():
                yield cursor, work

    @contextmanager
    def _reopening(self) -> Iterator[None]:
        """Open the sandbox anew for the next call after an error that leaves DuckDB unusable."""
        try:
            yield
        except (duckdb.FatalException, duckdb.InternalException):
            self._version = ""
            raise

    def _now(self) -> Opened:
        """Return the sandbox over the files as they are now, opened anew when they changed."""
        with self._turn:
            version = fingerprint(self._sources)
            if version != self._version:
                self._opened = open_sandbox(self._sources, self._limits)
                self._version = version
            return self._opened


def _all_rows(query: Sql) -> str:
    """Wrap the query, so that nothing but a SELECT can run; line numbers stay the same."""
    return f"SELECT * FROM ({check_select(query.text)}\n)"  # noqa: S608


def _count(cursor: duckdb.DuckDBPyConnection, query: Sql) -> int:
    text = f"SELECT count(*) FROM ({check_select(query.text)}\n)"  # noqa: S608
    rows = cursor.execute(text, list(query.params)).fetchall()
    return int(rows[0][0])


def _declared(source: Source, table: Table) -> ProfileTable:
    for column in table.columns:
        if column.name.lower() == source.key.lower():
            return ProfileTable(table.name, column.name)
    raise SourceError(
        f"The source {source.name} has no column {source.key}, which was declared as its key; "
        "declare another."
    )
