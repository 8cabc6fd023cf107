"""The worker as a process: one per state directory, its sign of life, and how one is started.

The lock (``worker.lock``, flock) says that a worker is alive even when it was killed a moment ago:
the system drops it with the process. The sign of life (``worker.json``) says which one and since
when, and whether it is ready to take work.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from lib.errors import SetupError, StateInUseError, StorageError
from lib.settings import ROOT, Settings

log = logging.getLogger(__name__)

START_S = 30.0
"""How long a worker that was just started may take until it is ready, in seconds."""


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """What a worker says about itself, about once a second."""

    pid: int
    started_at: datetime
    ready: bool


def sign_of_life(settings: Settings) -> SignOfLife | None:
    """Return what the worker last said, whether it still lives or not; None when there was none."""
    try:
        said = json.loads((settings.state / "worker.json").read_text("utf-8"))
        return SignOfLife(
            int(said["pid"]),
            datetime.fromisoformat(said["started_at"]),
            bool(said["ready"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def alive(settings: Settings) -> bool:
    """Say whether a worker holds this state directory and takes work."""
    said = sign_of_life(settings)
    return held(settings) and said is not None and said.ready


def use_lock(settings: Settings) -> Path:
    """Return the file that open apps and workers hold a shared lock on: the directory is in use."""
    return settings.state / "use.lock"


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Hold the sign that this state directory is in use, for the length of the block.

    Raises:
        StorageError: the state directory cannot be written.
    """
    with _shared(use_lock(settings)):
        yield


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the state directory for the length of the block, with no app or worker in it.

    Raises:
        StateInUseError: one is running.
        StorageError: the state directory cannot be written.
    """
    with _open(use_lock(settings)) as file:
        if not _locked(file, patience_s=1.0):
            raise StateInUseError(
                "The app or a worker of this state directory is running: end both first."
            )
        yield


def attend(settings: Settings) -> tuple[IO[bytes], ...]:
    """Hold the signs that an app is open, until the files are closed or the process ends.

    Raises:
        StorageError: the state directory cannot be written.
    """
    return _shared(settings.state / "app.lock"), _shared(use_lock(settings))


def attended(settings: Settings) -> bool:
    """Say whether an app is open on this state directory."""
    with _open(settings.state / "app.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _shared(path: Path) -> IO[bytes]:
    file = _open(path)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def held(settings: Settings) -> bool:
    """Say whether a worker holds this state directory, ready or not."""
    path = settings.state / "worker.lock"
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def hold(settings: Settings, *, patience_s: float = 1.0) -> Iterator[None]:
    """Hold the state directory as its one worker for the length of the block.

    Args:
        settings: where the state directory is.
        patience_s: how long to try; longer than the moment for which ``held`` looks.

    Raises:
        StateInUseError: another worker holds it.
        StorageError: the directory cannot be written.
    """
    file = _open(settings.state / "worker.lock")
    with file:
        if not _locked(file, patience_s=patience_s):
            raise StateInUseError(
                "Another Muster worker already uses this state directory. Use that one, or end"
                " it first, or point MUSTER_STATE at another directory."
            )
        sign = settings.state / "worker.json"
        sign.unlink(missing_ok=True)  # a predecessor that was killed left it
        try:
            yield
        finally:
            sign.unlink(missing_ok=True)


def show_life(settings: Settings, started_at: datetime, *, ready: bool) -> None:
    """Write the sign of life; a full disk is logged, as work in hand may still end well."""
    said = {
        "pid": os.getpid(),
        "started_at": started_at.isoformat(),
        "ready": ready,
    }
    path = settings.state / "worker.json"
    try:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(said), "utf-8")
        fresh.replace(path)
    except OSError as error:
        log.warning("The worker's sign of life could not be written: %s", error.strerror)


def ensure(settings: Settings, *, idle_exit_s: float | None = None) -> None:
    """Start a worker of its own when none is alive, and wait until it takes work.

    Two that call this at once start one worker. It outlives whoever started it.

    Args:
        settings: handed on whole, so that the worker sees what the caller sees.
        idle_exit_s: the worker ends after so long without work; None lets it stay.

    Raises:
        SetupError: the worker could not be started; the message names its log.
    """
    if alive(settings):
        return
    with _open(settings.state / "worker.start.lock") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        deadline = time.monotonic() + START_S
        child = None if held(settings) else _start(settings, idle_exit_s)
        while not alive(settings):
            gone = child is not None and child.poll() is not None and not held(settings)
            if gone or time.monotonic() > deadline:
                raise SetupError(
                    "The worker that carries out runs could not be started. Its log says why:"
                    " worker.log in the state directory."
                )
            time.sleep(0.05)


def _start(settings: Settings, idle_exit_s: float | None) -> subprocess.Popen[bytes]:
    options = [] if idle_exit_s is None else ["--idle-exit", str(idle_exit_s)]
    with (settings.state / "worker.log").open("ab") as journal:
        return subprocess.Popen(
            [sys.executable, "-m", "lib.runs.worker", *options],
            cwd=ROOT,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=journal,
            start_new_session=True,
        )


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives another process the same settings."""
    given = {
        f"MUSTER_{name.upper()}": _spelt(value) for name, value in settings.model_dump().items()
    }
    return {**os.environ, **given}


def _spelt(value: object) -> str:
    """Write a setting as its environment variable has it."""
    if isinstance(value, Path):
        return str(value.resolve())
    return json.dumps(value) if isinstance(value, dict | tuple) else str(value)


def _open(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
    except OSError as error:
        raise StorageError(
            f"The state directory cannot be written ({error.strerror}). Free some space or give"
            " Muster the right to write there."
        ) from None


def _locked(file: IO[bytes], *, patience_s: float) -> bool:
    """Lock a file for oneself; whoever only looks whether it is locked is waited for."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True
