"""The timetable: which exports run by themselves, since when, and on what their running hangs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lib.access import Action, Person, require
from lib.store.database import Store
from lib.store.export_record import SCHEDULE_OFF
from lib.store.tables import connections, exports, firings


@dataclass(frozen=True, slots=True)
class Turn:
    """An export that is switched on."""

    export_id: str
    schedule: str
    """Empty: with the refresh; else cron."""
    since: datetime
    """Occurrences until then are dealt with, or not for it; the refresh has its own moment."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What of its connection an unattended run hangs on."""

    export_user: str
    shared: bool
    agreed: bool


def turns(store: Store) -> tuple[Turn, ...]:
    """Read the exports that run by themselves; one query, for every look of the worker."""
    newest = select(func.max(firings.c.due_at)).where(firings.c.export_id == exports.c.id)
    moments = (
        exports.c.created_at,
        exports.c.rules_approved_at,
        connections.c.agreed_at,
        newest.scalar_subquery(),
    )
    query = (
        select(exports.c.id, exports.c.schedule, *moments)
        .outerjoin(connections, connections.c.id == exports.c.connection_id)
        .where(exports.c.active, exports.c.schedule != SCHEDULE_OFF)
        .order_by(exports.c.name_key)
    )
    with store.read() as db:
        rows = db.execute(query).all()
    return tuple(
        Turn(export_id, schedule, max(moment for moment in past if moment is not None))
        for export_id, schedule, *past in rows
    )


def terms(store: Store, who: Person) -> Mapping[str, Terms]:
    """Read the terms of each connection, by its id; they name nothing that is not for all."""
    require(who, Action.LOOK)
    columns = connections.c
    query = select(columns.id, columns.export_user, columns.shared, columns.agreed_at)
    with store.read() as db:
        rows = db.execute(query).all()
    return {row.id: Terms(row.export_user, row.shared, row.agreed_at is not None) for row in rows}
