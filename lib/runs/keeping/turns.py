"""Turns: plans and runs work with files of contacts together; purging and tidying alone.

Whoever purges must not miss a file that is being made of one it already looked at. The lock goes
with the process, however it ends.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import InUseError
from lib.runs.local import disk
from lib.settings import Settings


@contextmanager
def together(settings: Settings) -> Iterator[None]:
    """Work with files of contacts, beside others; waits for whoever is alone with them.

    Raises:
        StorageError: the state directory cannot be written.
    """
    with disk():
        file = _path(settings).open("ab")
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be alone with the files of contacts.

    Raises:
        InUseError: a plan is being made, or a run is under way.
        StorageError: the state directory cannot be written.
    """
    with disk():
        file = _path(settings).open("ab")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(
                "A plan is being made, or a run is under way: wait for it to end, or cancel it, "
                "and try again."
            ) from None
        yield


def _path(settings: Settings) -> Path:
    settings.state.mkdir(parents=True, exist_ok=True)
    return settings.state / "contacts.lock"
