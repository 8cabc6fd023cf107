"""Retention: files with contacts are kept as many days as somebody chose, and no longer.

What an administrator chose in the product goes before the setting ``retention_days``.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lib.access import Action, Person, require
from lib.errors import InputError
from lib.runs.keeping.tidying import Tidied, tidy
from lib.runs.local import disk, removed
from lib.settings import Settings
from lib.store import choices, forgetting
from lib.store.database import Store

MOST_DAYS = 36_500
"""A hundred years; longer is a slip of the finger."""
_KEY = "retention_days"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed."""

    runs: int = 0
    plans: int = 0
    rows: int = 0
    """Of the store: rejections and old queries."""
    tidied: Tidied = field(default_factory=Tidied)


def days(store: Store, settings: Settings) -> int:
    """Return for how many days files with contacts are kept; 0 keeps them for good."""
    chosen = choices.get(store, _KEY)
    return chosen if isinstance(chosen, int) else settings.retention_days


def choose(store: Store, who: Person, kept: int | None) -> None:
    """Choose for how many days files with contacts are kept.

    Args:
        store: where.
        who: an administrator.
        kept: days; 0 keeps them for good, None goes by the setting again.

    Raises:
        ForbiddenError: not an administrator.
        InputError: less than no day, or longer than anybody keeps anything.
    """
    if kept is not None and not 0 <= kept <= MOST_DAYS:
        raise InputError(f"Files are kept from 0 to {MOST_DAYS:,} days; 0 keeps them for good.")
    choices.put(store, who, _KEY, kept)


def sweep(store: Store, settings: Settings, who: Person, *, now: datetime) -> Swept:
    """Remove what is older than it is kept, see ``days``; to be called about daily.

    The history keeps the runs themselves with their numbers, and what an export needs to know whom
    it added. What has no owner any more goes whatever the days, see ``tidying``.

    Args:
        store: where.
        settings: of this installation.
        who: an administrator, or the worker.
        now: the present moment, aware.

    Raises:
        StorageError: a folder cannot be removed.
    """
    require(who, Action.EDIT_SYSTEM)
    tidied, kept = tidy(store, settings), days(store, settings)
    if not kept:
        return Swept(tidied=tidied)
    before = now - timedelta(days=kept)
    old = forgetting.expired(store, who, before)
    with disk():
        gone_runs = sum(removed(settings.runs_dir / run) for run in old.runs)
        gone_plans = sum(removed(settings.runs_dir / "plans" / plan) for plan in old.plans)
    rows = forgetting.forget_old(store, who, old.runs, before)
    return Swept(gone_runs, gone_plans, rows, tidied)
