"""Exports: connection, audience, data matching, segments and schedule, saved under a name."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select

from lib.access import Action, Person, require
from lib.contacts.matching import Matching
from lib.contacts.options import Options
from lib.errors import InputError
from lib.store import export_record, guard, names
from lib.store.acts import acting
from lib.store.database import Store
from lib.store.export_change import change, managed, require_idle, usable
from lib.store.export_record import SCHEDULE_OFF, Export
from lib.store.guard import Guard
from lib.store.tables import exports

__all__ = ["SCHEDULE_OFF", "Export"]


def add(
    store: Store,
    who: Person,
    *,
    name: str,
    connection: str,
    audience_id: str,
    matching: Matching,
    segments: Sequence[str],
    audience_name: str = "",
    options: Options | None = None,
    schedule: str = "",
    active: bool = True,
    rails: Guard = guard.USUAL,
) -> Export:
    """Save an export; nothing is sent.

    Args:
        store: where.
        who: an administrator, or a contributor with whom the connection is shared.
        name: unique without regard to case.
        connection: name or id; empty for none yet: it is detached, and switched off.
        audience_id: as Mailchimp gives it.
        matching: its data matching.
        segments: names or ids, at least one.
        audience_name: to show.
        options: safe defaults when left out.
        schedule: empty, ``off`` or cron.
        active: runs on its schedule, once its rules are approved.
        rails: its guard rails.

    Raises:
        ForbiddenError: the person may not use the connection.
        InputError: a bad name or schedule, no audience, address column or segment.
        NameTakenError: another export has the name.
        NotFoundError: no such connection or segment.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act, names.claiming(name, "export"):
        values = {
            "id": names.new_id("exp"),
            **export_record.values(
                name=name,
                audience_id=audience_id,
                audience_name=audience_name,
                matching=matching,
                options=options or Options(),
                schedule=schedule,
            ),
            "connection_id": usable(act.db, who, connection) if connection else None,
            "active": active and bool(connection),
            "guard": guard.written(guard.checked(rails)),
            "created_at": act.now,
            "created_by": who.email,
            "changed_at": act.now,
            "changed_by": who.email,
        }
        act.db.execute(insert(exports).values(values))
        export_record.choose(act.db, values["id"], segments)
        made = export_record.find(act.db, values["id"])
        act.log("added", "export", None, made)
    return made


def all(store: Store, who: Person) -> tuple[Export, ...]:
    """List the exports by name; everybody sees all of them."""
    require(who, Action.LOOK)
    with store.read() as db:
        return export_record.rows(db)


def count(store: Store, who: Person) -> int:
    """Count the exports."""
    require(who, Action.LOOK)
    with store.read() as db:
        return db.scalar(select(func.count()).select_from(exports)) or 0


def get(store: Store, who: Person, ref: str) -> Export:
    """Find one by name or id.

    Raises:
        NotFoundError: none goes by it.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        return export_record.find(db, ref)


def edit(
    store: Store,
    who: Person,
    ref: str,
    *,
    name: str | None = None,
    connection: str | None = None,
    audience_id: str | None = None,
    audience_name: str | None = None,
    matching: Matching | None = None,
    options: Options | None = None,
    segments: Sequence[str] | None = None,
    schedule: str | None = None,
    active: bool | None = None,
) -> Export:
    """Change what is given; what alters the contacts puts earlier plans out of date.

    An empty connection detaches it.

    Raises:
        ForbiddenError, InputError, NameTakenError, NotFoundError: as in ``add``.
        InputError: a detached one cannot be switched on.
        InUseError: connection or audience cannot change under a run that is not over.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act, names.claiming(name or "", "export"):
        old = managed(act, ref)
        values = export_record.values(
            name=name,
            audience_id=audience_id,
            audience_name=audience_name,
            matching=matching,
            options=options,
            schedule=schedule,
        )
        if active is not None:
            values["active"] = active
        if connection:
            values["connection_id"] = usable(act.db, who, connection)
        elif connection is not None:
            values |= {"connection_id": None, "active": False}
        if segments is not None:
            export_record.choose(act.db, old.id, segments)
        return change(act, old, values)


def duplicate(store: Store, who: Person, ref: str, name: str) -> Export:
    """Save a copy under another name; it is switched off until somebody switches it on.

    Raises:
        ForbiddenError, InputError, NameTakenError, NotFoundError: as in ``add``.
        InputError: the export is detached.
    """
    found = get(store, who, ref)
    if found.connection_id is None:
        raise InputError(f"The export “{found.name}” has no connection: attach it to one first.")
    return add(
        store,
        who,
        name=name,
        connection=found.connection_id,
        audience_id=found.audience_id,
        audience_name=found.audience_name,
        matching=found.matching,
        options=found.options,
        segments=found.segment_ids,
        schedule=found.schedule,
        active=False,
        rails=found.guard,
    )


def detach(store: Store, who: Person, ref: str) -> Export:
    """Take the connection away; the rest is kept, switched off, until it is attached again.

    Raises:
        ForbiddenError, NotFoundError: as in ``add``.
        InUseError: a run of it is not over.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act:
        old = managed(act, ref)
        values = {"connection_id": None, "active": False, "was_shared": old.connection_shared}
        return change(act, old, values, verb="detached")


def attach(store: Store, who: Person, ref: str, connection: str) -> Export:
    """Give it a connection, and switch it on.

    Raises:
        ForbiddenError, NotFoundError: as in ``add``.
        InUseError: a run of it is not over.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act:
        old = managed(act, ref)
        values = {"connection_id": usable(act.db, who, connection), "active": True}
        return change(act, old, values, verb="attached")


def remove(store: Store, who: Person, ref: str) -> None:
    """Remove an export; its runs stay in the history under its name.

    Raises:
        ForbiddenError, NotFoundError: as in ``add``.
        InUseError: a run of it is not over.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act:
        old = managed(act, ref)
        require_idle(act.db, old)
        act.db.execute(delete(exports).where(exports.c.id == old.id))
        act.log("removed", "export", old, None)
