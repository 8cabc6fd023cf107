"""Where profiles and their related tables live. Read only, whatever the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from lib.sql import Sql


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the engine describes it."""

    name: str
    type: str
    """The engine's own type name, such as VARCHAR or TIMESTAMP."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of the warehouse."""

    name: str
    rows: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """The table with one row per customer, and the column that tells them apart."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a result, and how many there are in all."""

    rows: pa.Table
    total: int


class Warehouse(Protocol):
    """What every engine can do. ``tag`` names a piece of work so that ``cancel`` can end it.

    All of them raise SqlError for SQL the gate or the engine refuses, TimeLimitError when it ran
    out of time, CancelledError after ``cancel``, SourceError when a source has vanished.
    """

    dialect: str

    def version(self) -> str:
        """Return a text that changes whenever the data or the list of sources does."""
        ...

    def tables(self) -> tuple[Table, ...]:
        """List the tables, by name."""
        ...

    def profile_table(self) -> ProfileTable | None:
        """Return the table of profiles, when one is declared or evident."""
        ...

    def describe(self, query: Sql, *, tag: str = "") -> tuple[Column, ...]:
        """Return the columns the query would return, without running it."""
        ...

    def count(self, query: Sql, *, tag: str = "") -> int:
        """Count the rows of the query."""
        ...

    def preview(self, query: Sql, limit: int, *, tag: str = "") -> Preview:
        """Run the query and return its first rows and its total.

        What Arrow's readers have no value for, such as intervals and the year 290000, is text.
        """
        ...

    def stream(
        self, query: Sql, *, batch_rows: int = 100_000, tag: str = ""
    ) -> Iterator[pa.RecordBatch]:
        """Run the query and yield all its rows in batches, never all in memory."""
        ...

    def cancel(self, tag: str) -> None:
        """End all work under the tag, from any thread."""
        ...
