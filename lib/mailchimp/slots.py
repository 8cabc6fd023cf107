"""Slots: numbered locked files, one per open connection, seen by all threads and processes.

A slot is a lock on an open file, so the system itself frees it when a process dies.
"""

import fcntl
import os
import threading
from pathlib import Path


class Slots:
    """The slots of one account; thread-safe. Without a directory they bind this process only.

    Args:
        directory: where the slot files are, shared by all processes of one state directory.
        most: how many slots there are.
    """

    def __init__(self, directory: Path | None, most: int) -> None:
        self._files: list[int | None] = [None] * most
        self._held: set[int] = set()
        self._freed = threading.Condition()
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
            self._files = [_open(directory / f"slot-{number}") for number in range(most)]

    @property
    def held(self) -> int:
        """How many this process holds right now."""
        return len(self._held)

    def take(self, limit: int, wait_s: float) -> int | None:
        """Take one of the first ``limit`` slots; None when none got free in ``wait_s`` seconds."""
        with self._freed:
            taken = self._try(limit)
            if taken is None:
                self._freed.wait(wait_s)
                taken = self._try(limit)
            return taken

    def free(self, number: int) -> None:
        """Give a slot back."""
        with self._freed:
            descriptor = self._files[number]
            if descriptor is not None:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            self._held.discard(number)
            self._freed.notify()

    def close(self) -> None:
        """Close the files; slots still held are given back."""
        with self._freed:
            for descriptor in self._files:
                if descriptor is not None:
                    os.close(descriptor)
            self._files = [None] * len(self._files)
            self._held.clear()

    def _try(self, limit: int) -> int | None:
        for number in range(min(limit, len(self._files))):
            if number not in self._held and _lock(self._files[number]):
                self._held.add(number)
                return number
        return None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(descriptor: int | None) -> bool:
    if descriptor is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
