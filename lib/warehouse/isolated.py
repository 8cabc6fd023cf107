"""The warehouse for interactive use: its queries run in a child process that can be killed.

DuckDB cannot interrupt the working out of one value (``len(range(2000000000))``, nested lambdas,
``levenshtein`` of long texts): neither its time-out, nor its memory limit, nor an interrupt stops
it meanwhile (observed with 2.0). A process can be killed; its other questions are then asked again.
"""

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from weakref import finalize

import pyarrow as pa

from lib.errors import CancelledError, MemoryLimitError, MusterError, SqlError
from lib.sources import Source
from lib.sql import Sql
from lib.sql.functions import FUNCTIONS, TABLE_FUNCTIONS
from lib.warehouse import Column, Preview, ProfileTable, Table
from lib.warehouse.calls import Call, Calls, LostError
from lib.warehouse.files import fingerprint
from lib.warehouse.process import current, is_running, retire
from lib.warehouse.wire import Frame, Head

_NUMBER: Final = itertools.count()
_ATTEMPTS: Final = 2
_LEFT: deque[int] = deque()
"""Warehouses nobody holds any more; the child is told with the next question."""


def open_isolated(
    sources: Sequence[Source],
    *,
    directory: Path,
    memory: str = "2GB",
    timeout_s: float = 60.0,
    time_zone: str = "UTC",
    threads: int | None = None,
    grace_s: float = 2.0,
) -> "IsolatedWarehouse":
    """Open a warehouse whose queries run in a child process; does not wait for it.

    Args:
        sources: what becomes tables, in the order given.
        directory: ours to write to; queries that outgrow the memory spill below it.
        memory: most memory for all queries together, in DuckDB's words; a single value may grow to
            half as much again and a GB before it is refused.
        timeout_s: longest a query may run; of a stream, longest its next batch may take.
        time_zone: IANA name that dates and times of queries mean.
        threads: None takes one for each core.
        grace_s: how long a query that has to end may take about it before its process is killed.
    """
    opening = {
        "sources": [[each.name, each.location, each.key, each.origin] for each in sources],
        "directory": str(directory),
        "memory": memory,
        "timeout_s": timeout_s,
        "time_zone": time_zone,
        "threads": threads,
    }
    current()
    return IsolatedWarehouse(tuple(sources), opening, grace_s)


class IsolatedWarehouse:
    """Implements ``lib.warehouse.Warehouse``; use it from any thread, and close it.

    The first question raises SetupError or StorageError when it cannot be opened.
    """

    dialect = "duckdb"

    def __init__(self, sources: tuple[Source, ...], opening: Head, grace_s: float) -> None:
        self._sources = sources
        self._opening = opening
        self._limit_s = float(opening["timeout_s"])
        self._grace_s = grace_s
        self._of = next(_NUMBER)
        self._calls = Calls()
        self._known: dict[str, tuple[str, Any]] = {}
        self._closed = False
        finalize(self, _LEFT.append, self._of)

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
        self._calls.cancel_all()
        if not self._closed and is_running():
            # What is still busy cannot be closed, but it is about to be killed.
            with suppress(MusterError):
                self._one({"verb": "close"}, "")
        self._closed = True

    def version(self) -> str:
        """Return a text that changes whenever the data or the list of sources does."""
        return fingerprint(self._sources)

    def functions(self) -> tuple[str, ...]:
        """List the functions a query may call, for completion."""
        return tuple(sorted(FUNCTIONS | TABLE_FUNCTIONS))

    def broken(self) -> dict[str, str]:
        """Return, per source that cannot be read now, the sentence why."""
        return dict(self._known_or_asked("broken"))

    def tables(self) -> tuple[Table, ...]:
        """List the tables, by name."""
        return tuple(
            Table(name, rows, tuple(Column(*column) for column in columns))
            for name, rows, columns in self._known_or_asked("tables")
        )

    def profile_table(self) -> ProfileTable | None:
        """Return the table of profiles: the declared one, else one with an evident key.

        Raises:
            SourceError: the declared key is not among the table's columns.
        """
        found = self._known_or_asked("profile_table")
        return ProfileTable(*found) if found else None

    def describe(self, query: Sql, *, tag: str = "") -> tuple[Column, ...]:
        """Return the columns the query would return, without running it."""
        answer = self._one({"verb": "describe", **_asked(query)}, tag)
        return tuple(Column(*column) for column in answer.head["value"])

    def count(self, query: Sql, *, tag: str = "") -> int:
        """Count the rows of the query."""
        return int(self._one({"verb": "count", **_asked(query)}, tag).head["value"])

    def preview(self, query: Sql, limit: int, *, tag: str = "") -> Preview:
        """Run the query and return its first rows and its total."""
        answer = self._one({"verb": "preview", "limit": int(limit), **_asked(query)}, tag)
        return Preview(answer.rows(), int(answer.head["value"]))

    def stream(
        self, query: Sql, *, batch_rows: int = 100_000, tag: str = ""
    ) -> Iterator[pa.RecordBatch]:
        """Run the query and yield all its rows in batches, never all in memory.

        At least one batch comes. The reader's pauses do not count towards the time limit, which
        holds for each batch anew: a long download may go on as long as rows keep coming.
        """
        request = {"verb": "stream", "batch_rows": batch_rows, **_asked(query)}
        for answer in self._answers(request, tag):
            yield from answer.batches()

    def cancel(self, tag: str) -> None:
        """End all work under the tag, from any thread."""
        self._calls.cancel(tag)

    def _known_or_asked(self, verb: str) -> Any:  # noqa: ANN401 - JSON
        version = self.version()
        known = self._known.get(verb)
        if known is None or known[0] != version:
            known = self._known[verb] = (version, self._one({"verb": verb}, "").head["value"])
        return known[1]

    def _one(self, request: Head, tag: str) -> Frame:
        (answer,) = self._answers(request, tag)
        return answer

    def _answers(self, request: Head, tag: str) -> Iterator[Frame]:
        """Yield the answer; ask again when the process was killed over another question."""
        if self._closed:
            raise CancelledError("The warehouse was closed; open the page anew.")
        call = Call(self._limit_s, self._grace_s)
        with self._calls.under(tag, call):
            for attempt in range(1, _ATTEMPTS + 1):
                begun = False
                process = current()
                try:
                    for frame in call.answers(process, self._whole(request)):
                        begun = True
                        yield frame
                    return
                except MemoryLimitError:
                    retire(process)
                    raise
                except LostError:
                    process.kill()
                    if begun or attempt == _ATTEMPTS:
                        raise SqlError(
                            "The engine stopped in the middle of this query; run it again, and if "
                            "it stops again, write it in another way."
                        ) from None

    def _whole(self, request: Head) -> Head:
        left = [_LEFT.popleft() for _ in range(len(_LEFT))]
        return {**request, "of": self._of, "opening": self._opening, "forget": left}


def _asked(query: Sql) -> Head:
    return {"text": query.text, "params": list(query.params)}
