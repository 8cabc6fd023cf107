"""What runs right now, by tag, so that any thread can end it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from lib.errors import CancelledError

_ROUNDS = 25
_PAUSE_S = 0.02


class Work:
    """One cursor at work."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.cursor = cursor
        self.cancelled = False
        self.ended = threading.Event()

    def end(self) -> None:
        """Interrupt until it has ended: DuckDB forgets an interrupt that comes before the query."""
        self.cancelled = True
        for _ in range(_ROUNDS):
            self.cursor.interrupt()
            if self.ended.wait(_PAUSE_S):
                return

    def require(self) -> None:
        """Raise CancelledError when somebody has cancelled."""
        if self.cancelled:
            raise CancelledError("The query was cancelled.")


class Works:
    """All live work; safe to use from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._live: dict[str, set[Work]] = {}

    @contextmanager
    def under(self, tag: str, cursor: duckdb.DuckDBPyConnection) -> Iterator[Work]:
        """Hold the cursor under the tag while the block runs, then close it."""
        work = Work(cursor)
        with self._turn:
            self._live.setdefault(tag, set()).add(work)
        try:
            yield work
        finally:
            work.ended.set()
            with self._turn:
                self._live[tag].discard(work)
                if not self._live[tag]:
                    del self._live[tag]
            cursor.close()

    def cancel(self, tag: str) -> None:
        """End all work under the tag, if there is any; the empty tag cannot be cancelled."""
        with self._turn:
            works = tuple(self._live.get(tag, ())) if tag else ()
        for work in works:
            work.end()

    def cancel_all(self) -> None:
        """End everything."""
        with self._turn:
            works = tuple(work for live in self._live.values() for work in live)
        for work in works:
            work.end()
