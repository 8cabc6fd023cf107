"""The refresh: one schedule of the installation, which exports follow by default."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lib import cron as crons
from lib.access import Action, Person, require
from lib.store import choices
from lib.store.database import Store
from lib.store.tables import choices as table

KEY = "refresh"


@dataclass(frozen=True, slots=True)
class Refresh:
    """The refresh as it stands."""

    cron: str = ""
    """Empty: none, so exports that follow it do not run by themselves."""
    since: datetime | None = None
    """Occurrences before this moment do not count as missed."""
    by: str = ""


def get(store: Store) -> Refresh:
    """Read it; one read of a key."""
    with store.read() as db:
        row = db.execute(select(table).where(table.c.key == KEY)).first()
    if row is None or not isinstance(row.value, str):
        return Refresh()
    return Refresh(row.value, row.changed_at, row.changed_by)


def put(store: Store, who: Person, cron: str) -> Refresh:
    """Choose when exports are refreshed; empty for never.

    Raises:
        ForbiddenError: not an administrator.
        InputError: the expression is no cron, never comes, or comes too often.
    """
    require(who, Action.EDIT_SYSTEM)
    wanted = crons.check(cron) if cron.strip() else ""
    if wanted != get(store).cron:
        choices.put(store, who, KEY, wanted)
    return get(store)
