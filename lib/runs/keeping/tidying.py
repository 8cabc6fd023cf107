"""Files with contacts whose owner is gone: removed whatever the days that others are kept.

What a removed export learned from its runs, copies of audiences that no export uses, and converted
copies of sources that were removed.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from lib.errors import InUseError
from lib.runs.keeping import turns
from lib.runs.local import disk, removed
from lib.runs.orders import WORKER
from lib.settings import Settings
from lib.store import connections, exports, sources
from lib.store.database import Store

YOUNG_S = 3_600.0
"""A copy of a source younger than this, in seconds, may belong to one that is being added."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was removed."""

    exports: int = 0
    snapshots: int = 0
    copies: int = 0


def tidy(store: Store, settings: Settings) -> Tidied:
    """Remove what has no owner any more; nothing while plans or runs work with such files.

    Raises:
        StorageError: something cannot be removed.
    """
    try:
        with turns.alone(settings), disk():
            return Tidied(
                _tidy_exports(store, settings),
                _tidy_snapshots(store, settings),
                _tidy_copies(store, settings),
            )
    except InUseError:
        return Tidied()


def _tidy_exports(store: Store, settings: Settings) -> int:
    kept = tuple(one.id for one in exports.all(store, WORKER))
    folders = settings.exports_dir.glob("exp_*")
    return sum(removed(one) for one in folders if not one.name.startswith(kept))


def _tidy_snapshots(store: Store, settings: Settings) -> int:
    known = {one.id for one in connections.all(store, WORKER)}
    used = {(one.connection_id, one.audience_id) for one in exports.all(store, WORKER)}
    gone = 0
    for folder in settings.snapshots_dir.glob("*/*"):
        connection, audience = folder.parent.name, folder.name
        # A detached export may be attached again, and then its audience need not be read anew.
        waits = (None, audience) in used and connection in known
        if not waits and (connection, audience) not in used:
            gone += removed(folder)
    return gone


def _tidy_copies(store: Store, settings: Settings) -> int:
    used = {Path(one.location) for one in sources.all(store, WORKER)}
    gone = 0
    for copy in (settings.state / "warehouse").glob("*.parquet"):
        if copy not in used and time.time() - copy.stat().st_mtime > YOUNG_S:
            copy.unlink()
            copy.with_suffix(".json").unlink(missing_ok=True)
            gone += 1
    return gone
