"""Plans that a command makes in its own process: known to be made, or to be nobody's any more.

The lock on ``<runs>/plans/<plan id>.lock`` goes with the process, however it ends.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.runs.local import disk
from lib.runs.orders import WORKER
from lib.settings import Settings
from lib.store import plans
from lib.store.database import Store

YOUNG_S = 5.0
"""A lock younger than this, in seconds, may not be held yet."""


@contextmanager
def held(settings: Settings, plan_id: str) -> Iterator[None]:
    """Hold a plan for the length of the block.

    Raises:
        StorageError: the state directory cannot be written.
    """
    path = _path(settings, plan_id)
    with disk():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def give_up_orphans(store: Store, settings: Settings, *, now: float | None = None) -> int:
    """Let plans fail whose maker is gone, and say how many.

    Args:
        store: where they stand.
        settings: of this installation; plans made from another state directory are not judged.
        now: seconds since 1970.
    """
    gone = [plan.id for plan in plans.made_here(store, WORKER) if _gone(settings, plan.id, now)]
    for plan_id in gone:
        plans.fail(
            store, plan_id, "Whoever made this plan ended before it was ready; make it anew."
        )
        _path(settings, plan_id).unlink(missing_ok=True)
    return len(gone)


def _gone(settings: Settings, plan_id: str, now: float | None) -> bool:
    path = _path(settings, plan_id)
    try:
        if (now or time.time()) - path.stat().st_mtime < YOUNG_S:
            return False
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        # Held, or not of this state directory.
        return False
    return True


def _path(settings: Settings, plan_id: str) -> Path:
    return settings.runs_dir / "plans" / f"{plan_id}.lock"
