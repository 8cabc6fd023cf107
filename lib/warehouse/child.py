"""The process that runs analysts' queries, so that one that cannot be interrupted can be killed.

Started by ``lib.warehouse.process`` as ``python -P -m lib.warehouse.child FD``, where FD is its end
of the control line. Each byte on it carries the socket of one question. When the line ends, the
parent has ended, and so does this process.
"""

import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from lib.errors import MemoryLimitError, MusterError, SqlError
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb
from lib.warehouse.wire import Head, pack, receive, send

_LOG = logging.getLogger(__name__)

LONGEST_S: Final = 3_600.0
"""Longest any query may run here; the parent's own limit is shorter, this one outlives nobody."""
_BESIDES: Final = 1_000_000_000
"""Bytes beside DuckDB's memory limit: thread stacks, Arrow, rows on their way."""
_STATUS: Final = Path("/proc/self/status")
"""Only Linux has it, and only Linux counts all memory towards RLIMIT_DATA."""

Answer = tuple[Head, pa.Buffer | None]


class Clerk:
    """Answers questions, each in a thread of its own, over warehouses it opens when first asked."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._opened: dict[int, DuckDBWarehouse] = {}
        self._memory: dict[int, int] = {}
        self._ended: dict[int, threading.Event] = {}
        self._spent = False

    def take(self, number: int, line: socket.socket) -> None:
        """Answer what is asked on the line, without waiting for it."""
        self._ended[number] = threading.Event()
        try:
            threading.Thread(target=self._serve, args=(number, line), daemon=True).start()
        except RuntimeError:
            # What this one leaves is asked again of a new one.
            _LOG.warning("no memory is left for another question: the process makes way")
            os._exit(1)

    def _serve(self, number: int, line: socket.socket) -> None:
        try:
            with line:
                asked = receive(line)
                if asked is not None:
                    for head, body in self._answers(number, asked.head):
                        send(line, head, *(() if body is None else (body,)))
        except OSError:
            _LOG.debug("the reader of question %d has gone", number)
        finally:
            self._ended.pop(number).set()
            if self._spent and not self._ended:
                # A query took all memory, and the allocator keeps it. It is asked no more.
                os._exit(0)

    def _answers(self, number: int, asked: Head) -> Iterator[Answer]:
        try:
            if asked["verb"] == "cancel":
                yield {"ended": self._cancel(int(asked["number"]), float(asked["grace_s"]))}, None
            elif asked["verb"] == "close":
                self._close(int(asked["of"]))
                yield {"value": True}, None
            else:
                yield from _VERBS[asked["verb"]](self._warehouse(asked), asked, str(number))
        except MusterError as error:
            self._spent |= isinstance(error, MemoryLimitError)
            yield {"error": type(error).__name__, "sentence": str(error)}, None
        except MemoryError:
            self._spent = True
            sentence = "The query needs more memory than it may use: narrow it."
            yield {"error": MemoryLimitError.__name__, "sentence": sentence}, None
        except Exception as error:
            _LOG.error("a question failed by a fault of our own: %s", type(error).__name__)
            sentence = "The engine gave up on this query; write it in another way."
            yield {"error": SqlError.__name__, "sentence": sentence}, None

    def _warehouse(self, asked: Head) -> DuckDBWarehouse:
        with self._turn:
            for left in asked["forget"]:
                self._forget(left)
            of = int(asked["of"])
            if of not in self._opened:
                self._open(of, asked["opening"])
            return self._opened[of]

    def _open(self, of: int, opening: Head) -> None:
        self._memory[of] = _bytes(opening["memory"])
        _limit_memory(sum(self._memory.values()))
        self._opened[of] = open_duckdb(
            [Source(*each) for each in opening["sources"]],
            directory=Path(opening["directory"]),
            memory=opening["memory"],
            timeout_s=max(LONGEST_S, opening["timeout_s"]),
            time_zone=opening["time_zone"],
            threads=opening["threads"],
        )

    def _close(self, of: int) -> None:
        with self._turn:
            self._forget(of)

    def _forget(self, of: int) -> None:
        self._memory.pop(of, None)
        left = self._opened.pop(of, None)
        if left is not None:
            left.close()

    def _cancel(self, number: int, grace_s: float) -> bool:
        """Interrupt until it has ended, also one that has not begun yet."""
        ended = self._ended.get(number)
        rounds = max(1, int(grace_s / 0.05))
        for _ in range(rounds if ended else 0):
            for warehouse in tuple(self._opened.values()):
                warehouse.cancel(str(number))
            if ended is None or ended.wait(0.05):
                return True
        return ended is None or ended.is_set()


def _bytes(memory: str) -> int:
    """Return a DuckDB size in bytes; shares of the machine's memory too."""
    try:
        with duckdb.connect(config={"memory_limit": memory}) as engine:
            size = "SELECT parse_formatted_bytes(current_setting('memory_limit'))"
            rows = engine.execute(size).fetchall()
            return int(rows[0][0])
    except duckdb.Error:
        return 0


def _limit_memory(memory: int) -> None:
    """Let a single huge allocation fail, which DuckDB reports, instead of the machine."""
    if _STATUS.exists():
        held = next(row for row in _STATUS.read_text().splitlines() if row.startswith("VmData:"))
        most = int(held.split()[1]) * 1024 + memory + memory // 2 + _BESIDES
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _tables(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    found = [
        [table.name, table.rows, [[column.name, column.type] for column in table.columns]]
        for table in warehouse.tables()
    ]
    yield {"value": found}, None


def _broken(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    yield {"value": warehouse.broken()}, None


def _profile_table(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    found = warehouse.profile_table()
    yield {"value": [found.name, found.key] if found else None}, None


def _describe(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    columns = warehouse.describe(_query(asked), tag=tag)
    yield {"value": [[column.name, column.type] for column in columns]}, None


def _count(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    yield {"value": warehouse.count(_query(asked), tag=tag)}, None


def _preview(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    found = warehouse.preview(_query(asked), asked["limit"], tag=tag)
    yield {"value": found.total}, pack(found.rows)


def _stream(warehouse: DuckDBWarehouse, asked: Head, tag: str) -> Iterator[Answer]:
    for batch in warehouse.stream(_query(asked), batch_rows=asked["batch_rows"], tag=tag):
        yield {}, pack(batch)
    yield {"done": True}, None


def _query(asked: Head) -> Sql:
    return Sql(asked["text"], tuple(asked["params"]))


_VERBS: Final[dict[str, Callable[[DuckDBWarehouse, Head, str], Iterator[Answer]]]] = {
    "tables": _tables,
    "broken": _broken,
    "profile_table": _profile_table,
    "describe": _describe,
    "count": _count,
    "preview": _preview,
    "stream": _stream,
}


def _harden() -> None:
    """Leave Ctrl+C to the parent, dump no data, and be the first to go when memory ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    choice = Path("/proc/self/oom_score_adj")
    if choice.exists():
        choice.write_text("1000")


def main(arguments: list[str]) -> None:
    """Answer until the control line ends."""
    _harden()
    control = socket.socket(fileno=int(arguments[0]))
    clerk = Clerk()
    number = 0
    control.sendall(b"+")
    while True:
        byte, lines, _, _ = _next(control)
        if not byte:
            # Threads inside the engine may never return, so nobody waits for them.
            os._exit(0)
        number += 1
        clerk.take(number, socket.socket(fileno=lines[0]))


def _next(control: socket.socket) -> tuple[bytes, list[int], int, Any]:
    try:
        return socket.recv_fds(control, 1, 1)
    except OSError:
        return b"", [], 0, None


if __name__ == "__main__":
    main(sys.argv[1:])
