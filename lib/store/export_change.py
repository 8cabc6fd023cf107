"""Changing an export: who may, what that puts out of date, and what it has to wait for."""

from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import select, update

from lib.access import Person
from lib.errors import InputError, InUseError
from lib.store import connection_record, export_record, firings
from lib.store.acts import Act
from lib.store.connection_record import Connection
from lib.store.export_record import SCHEDULE_OFF, Export
from lib.store.tables import LIVE, exports, runs

_CONTENT = ("connection_id", "audience_id", "matching", "options", "segment_ids")
"""What a plan depends on."""


def managed(act: Act, ref: str) -> Export:
    """Find an export that the person may manage.

    Raises:
        ForbiddenError: they may not use its connection.
        NotFoundError: none goes by it.
    """
    found = export_record.find(act.db, ref)
    connection_record.require_manage(act.db, act.who, found.id)
    return found


def change(act: Act, old: Export, values: dict[str, Any], *, verb: str = "changed") -> Export:
    """Write the columns, and what follows from them; nothing when nothing differs.

    Raises:
        InputError: a detached one cannot be switched on.
        InUseError: connection or audience cannot change under a run that is not over.
    """
    here = update(exports).where(exports.c.id == old.id)
    if values:
        act.db.execute(here.values(values))
    new = export_record.find(act.db, old.id)
    if new == old:
        return old
    if new.active and new.connection_id is None:
        raise InputError(f"The export “{new.name}” has no connection: attach it to one.")
    if (new.connection_id, new.audience_id) != (old.connection_id, old.audience_id):
        require_idle(act.db, old)
    moved = any(getattr(new, name) != getattr(old, name) for name in _CONTENT)
    stamp = {"changed_at": act.now, "changed_by": act.who.email}
    act.db.execute(here.values(revision=old.revision + moved, **stamp))
    if _runs_by_itself(new) and (new.schedule, new.active) != (old.schedule, old.active):
        firings.begin_here(act.db, old.id, act.now)
    new = export_record.find(act.db, old.id)
    act.log(verb, "export", old, new)
    return new


def require_idle(db: Db, export: Export) -> None:
    """Let pass an export of which no run is live.

    Raises:
        InUseError: one is.
    """
    live = runs.c.state.in_(LIVE) & (runs.c.export_id == export.id)
    if db.scalar(select(runs.c.id).where(live)) is not None:
        raise InUseError(
            f"The export “{export.name}” is running: wait for it to end, or cancel it first."
        )


def require_quiet(db: Db, connection: Connection) -> None:
    """Let pass a connection over which no run is live.

    Raises:
        InUseError: one is.
    """
    live = runs.c.state.in_(LIVE) & (runs.c.connection_id == connection.id)
    if db.scalar(select(runs.c.id).where(live)) is not None:
        raise InUseError(
            f"A run over the connection “{connection.name}” is not over: wait for it to end, or "
            "cancel it first."
        )


def let_lapse(act: Act, connection_id: str) -> None:
    """Put plans and approved rules of the exports over a connection out of date."""
    here = update(exports).where(exports.c.connection_id == connection_id)
    stamp = {"changed_at": act.now, "changed_by": act.who.email}
    act.db.execute(here.values(revision=exports.c.revision + 1, **stamp))


def usable(db: Db, who: Person, connection: str) -> str:
    """Return the id of a connection that the person may use.

    Raises:
        ForbiddenError: they may not.
        NotFoundError: none goes by it.
    """
    found = connection_record.find(db, connection)
    connection_record.require_use(who, found)
    return found.id


def _runs_by_itself(export: Export) -> bool:
    return export.active and export.schedule != SCHEDULE_OFF
