"""Ending by itself: a practice Mailchimp that nobody is left to use goes too.

Whoever needs it holds a lock (flock) on a file; the system drops the lock with the process, however
that ends.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

LOOK_S = 2.0
"""How often the locks are looked at, in seconds."""


def is_held(path: Path) -> bool:
    """Say whether some process holds a lock on the file."""
    try:
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def leave_when_alone(files: Sequence[Path], grace_s: float) -> None:
    """End this process, as SIGTERM would, once nobody has held any of the files for so long.

    Args:
        files: lock files of those who need it; none means to stay.
        grace_s: seconds.
    """
    if files:
        watch = threading.Thread(target=_watch, args=(files, grace_s), daemon=True)
        watch.start()


def _watch(files: Sequence[Path], grace_s: float) -> None:
    needed_at = time.monotonic()
    while time.monotonic() - needed_at <= grace_s:
        if any(is_held(path) for path in files):
            needed_at = time.monotonic()
        time.sleep(min(LOOK_S, grace_s / 4))
    os.kill(os.getpid(), signal.SIGTERM)
