"""The connection budget: how many connections to an account may be open at once.

Mailchimp allows ten per user over all apps and tells nobody how many are left (fundamentals page),
so the number adapts: one more after each full round of answers, half when Mailchimp throttles.
"""

import contextlib
import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from lib.mailchimp.slots import Slots

MOST = 10
"""Simultaneous connections Mailchimp allows per user, over all apps."""
POLL_S = 0.02
"""How often to look for slots that other processes freed."""


class Budget:
    """Shared by all threads, and through a directory by all processes; thread-safe.

    Args:
        directory: of this account; None binds this process only.
        most: never more connections than this, 1 to 10.
        clock: seconds that all processes agree on.
    """

    def __init__(
        self,
        directory: Path | None = None,
        most: int = MOST,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.most = max(1, min(most, MOST))
        self._slots = Slots(directory, self.most)
        self._limit = _Limit(directory / "limit" if directory else None)
        self._clock = clock

    @classmethod
    def shared(cls, state: Path, account: str, most: int = MOST) -> Self:
        """The budget of an account in a state directory.

        Args:
            state: the state directory.
            account: what tells the account from others, such as its account id; it is hashed.
            most: never more connections than this.
        """
        name = hashlib.sha256(account.encode()).hexdigest()[:16]
        return cls(state / "budget" / name, most)

    @property
    def limit(self) -> int:
        """How many connections may be open right now."""
        return max(1, min(int(self._limit.read()[0]), self.most))

    @property
    def held(self) -> int:
        """How many connections this process has open."""
        return self._slots.held

    @contextlib.contextmanager
    def connection(self) -> Iterator[float]:
        """Wait for a connection and hold it; yields the turn to give to widen and narrow."""
        slot = None
        while slot is None:
            slot = self._slots.take(self.limit, POLL_S)
        try:
            yield self._clock()
        finally:
            self._slots.free(slot)

    def widen(self, turn: float) -> None:
        """An answer came: add one connection per full round of answers."""
        if self._limit.read()[0] < self.most:
            self._limit.change(lambda limit, at: (min(limit + 1 / limit, float(self.most)), at))

    def narrow(self, turn: float) -> None:
        """Mailchimp throttled: halve, once for all the calls that were open at that moment."""
        now = self._clock()

        def halve(limit: float, narrowed: float) -> tuple[float, float]:
            if turn < narrowed <= now:
                return limit, narrowed
            return max(1.0, min(limit, float(self.most)) / 2), now

        self._limit.change(halve)

    def close(self) -> None:
        """Close the files."""
        self._slots.close()
        self._limit.close()


class _Limit:
    """The limit and when it was last halved, in a small file that all processes share."""

    def __init__(self, path: Path | None) -> None:
        self._value = (float(MOST), 0.0)
        self._mine = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) if path else None

    def read(self) -> tuple[float, float]:
        if self._file is None:
            return self._value
        try:
            limit, narrowed = os.pread(self._file, 64, 0).split()
            if 1.0 <= float(limit) <= MOST:
                return float(limit), float(narrowed)
        except ValueError:
            pass
        return float(MOST), 0.0  # a new file, or one that a killed process left half written

    def change(self, how: Callable[[float, float], tuple[float, float]]) -> None:
        with self._mine:
            if self._file is None:
                self._value = how(*self._value)
                return
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                limit, narrowed = how(*self.read())
                os.pwrite(self._file, f"{limit:09.6f} {narrowed:018.6f}\n".encode(), 0)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
