"""Questions under way in the child process, and the watch over how long they take.

A question that is cancelled or over its time is answered at once; whether the engine really stops
is seen to behind it: first by an interrupt, and after a grace by killing the process.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lib import errors
from lib.errors import CancelledError, MusterError, SqlError, TimeLimitError
from lib.warehouse.complaints import TIME_LIMIT
from lib.warehouse.process import Process
from lib.warehouse.wire import Frame, Head, receive

_ROUND_S: Final = 0.05
_LAST: Final = frozenset({"done", "value", "error"})
"""What the head of an answer's last frame holds one of."""


class LostError(Exception):
    """The process ended before it had answered."""


class Call:
    """One question under way, also while the process that is to answer it only starts."""

    def __init__(self, limit_s: float, grace_s: float) -> None:
        self._limit_s = limit_s
        self._grace_s = grace_s
        self._verdict: MusterError | None = None
        self._over = False
        self._asked: tuple[Process, int, socket.socket] | None = None
        self._waiting_since: float | None = None

    def answers(self, process: Process, request: Head) -> Iterator[Frame]:
        """Ask, and yield the frames of the answer as they come.

        The clock stands while nobody asks for one. A question that was lost may be asked again.

        Raises:
            MusterError: what the child says, or why this question was ended.
            LostError: the process has ended.
        """
        line = self._ask(process, request)
        while True:
            self._waiting_since = time.monotonic()
            frame = receive(line)
            self._waiting_since = None
            if self._verdict is not None:
                raise self._verdict
            if frame is None:
                raise LostError
            last = not _LAST.isdisjoint(frame.head)
            self._over = self._over or last
            if "error" in frame.head:
                raise _error(frame.head)
            if "done" in frame.head:
                return
            yield frame
            if last:
                return

    def _ask(self, process: Process, request: Head) -> socket.socket:
        self._give_back()
        try:
            number, line = process.ask(request)
        except OSError:
            raise LostError from None
        self._asked = process, number, line
        if self._verdict is not None:
            self._leave()
            raise self._verdict
        return line

    def end(self, verdict: MusterError) -> None:
        """End it with this error, at once for who waits for it."""
        if self._over:
            return
        self._verdict = self._verdict or verdict
        self._leave()

    def end_when_overdue(self) -> None:
        """End it when who waits has waited longer than the limit."""
        since = self._waiting_since
        if since is not None and time.monotonic() - since > self._limit_s:
            self.end(TimeLimitError(TIME_LIMIT.format(self._limit_s)))

    def close(self) -> None:
        """Give the line back; what nobody waits for any more is ended."""
        if not self._over:
            self._leave()
        self._give_back()

    def _give_back(self) -> None:
        if self._asked is not None:
            self._asked[2].close()

    def _leave(self) -> None:
        if self._asked is None:
            return
        self._over = True
        try:
            self._asked[2].shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        threading.Thread(target=self._see_out, args=self._asked[:2], daemon=True).start()

    def _see_out(self, process: Process, number: int) -> None:
        request = {"verb": "cancel", "number": number, "grace_s": self._grace_s}
        try:
            _, line = process.ask(request)
            with line:
                line.settimeout(self._grace_s + 1.0)
                answer = receive(line)
        except (OSError, MusterError):
            answer = None
        if answer is None or not answer.head.get("ended"):
            process.kill()


def _error(head: Head) -> MusterError:
    kind = getattr(errors, str(head["error"]), SqlError)
    known = isinstance(kind, type) and issubclass(kind, MusterError)
    return (kind if known else SqlError)(str(head["sentence"]))


class Calls:
    """All questions of a warehouse that are under way; safe to use from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._live: dict[Call, str] = {}
        self._watching = False

    @contextmanager
    def under(self, tag: str, call: Call) -> Iterator[Call]:
        """Watch over the call under the tag while the block runs, then close it."""
        with self._turn:
            self._live[call] = tag
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, daemon=True).start()
        try:
            yield call
        finally:
            with self._turn:
                del self._live[call]
            call.close()

    def cancel(self, tag: str) -> None:
        """End all calls under the tag, if there are any; the empty tag cannot be cancelled."""
        self._end([call for call, each in self._now() if each == tag and tag])

    def cancel_all(self) -> None:
        """End everything."""
        self._end([call for call, _ in self._now()])

    def _now(self) -> tuple[tuple[Call, str], ...]:
        with self._turn:
            return tuple(self._live.items())

    def _end(self, calls: list[Call]) -> None:
        for call in calls:
            call.end(CancelledError("The query was cancelled."))

    def _watch(self) -> None:
        """Look at the clock while there is anything to look after, then go."""
        while True:
            with self._turn:
                calls = tuple(self._live)
                if not calls:
                    self._watching = False
                    return
            for call in calls:
                call.end_when_overdue()
            time.sleep(_ROUND_S)
