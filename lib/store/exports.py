"""Exports: connection, audience, data matching, segments and schedule, saved under a name."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, Select, delete, insert, select, update

from lib.access import Action, Person, require
from lib.contacts.matching import Matching
from lib.contacts.options import Options
from lib.errors import InputError, InUseError, NotFoundError
from lib.store import audit, connections, consent, names, segments, wire
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import LIVE, export_segments, exports, runs
from lib.store.tables import connections as connections_table

SCHEDULE_OFF = "off"
"""A schedule of an export that runs by hand only; empty follows the refresh, else it is cron."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export."""

    id: str
    name: str
    connection_id: str | None
    """None while detached."""
    connection_name: str
    connection_shared: bool
    audience_id: str
    audience_name: str
    matching: Matching
    options: Options
    segment_ids: tuple[str, ...]
    """In the order chosen."""
    schedule: str
    """Empty: with every refresh; ``off``: by hand; else a cron expression."""
    active: bool
    revision: int
    """Grows with every change that makes earlier plans out of date."""
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str


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
) -> Export:
    """Save an export; nothing is sent.

    Args:
        store: where.
        who: an administrator, or a contributor with whom the connection is shared.
        name: unique without regard to case.
        connection: name or id.
        audience_id: as Mailchimp gives it.
        matching: its data matching.
        segments: names or ids, at least one.
        audience_name: to show.
        options: safe defaults when left out.
        schedule: empty, ``off`` or cron.
        active: runs on its schedule.

    Raises:
        ForbiddenError: the person may not use the connection.
        InputError: a bad name, no audience, address column or segment.
        NameTakenError: another export has the name.
        NotFoundError: no such connection or segment.
    """
    require(who, Action.EDIT_EXPORTS)
    values = {
        "id": names.new_id("exp"),
        **_values(
            name=name,
            audience_id=audience_id,
            audience_name=audience_name,
            matching=matching,
            options=options or Options(),
            schedule=schedule,
        ),
        "active": active,
        "created_at": store.clock(),
        "created_by": who.email,
        "changed_at": store.clock(),
        "changed_by": who.email,
    }
    with store.write() as db, names.claiming(values["name"], "export"):
        values["connection_id"] = _usable(db, who, connection)
        db.execute(insert(exports).values(values))
        _choose(db, values["id"], segments)
        made = get_in(db, values["id"])
        log(store, db, who, "added", None, made)
    return made


def all(store: Store, who: Person) -> tuple[Export, ...]:
    """List the exports by name; everybody sees all of them."""
    require(who, Action.LOOK)
    with store.read() as db:
        rows = db.execute(_select().order_by(exports.c.name_key)).mappings().all()
        chosen = _chosen(db)
    return tuple(_export(row, chosen.get(row["id"], ())) for row in rows)


def get(store: Store, who: Person, ref: str) -> Export:
    """Find one by name or id.

    Raises:
        NotFoundError: none goes by it.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        return get_in(db, ref)


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

    Raises:
        ForbiddenError, InputError, NameTakenError, NotFoundError: as in ``add``.
        InUseError: connection or audience cannot change under a run that is not over.
    """
    require(who, Action.EDIT_EXPORTS)
    values = _values(
        name=name,
        audience_id=audience_id,
        audience_name=audience_name,
        matching=matching,
        options=options,
        schedule=schedule,
    )
    if active is not None:
        values["active"] = active
    with store.write() as db, names.claiming(values.get("name", ""), "export"):
        old = get_in(db, ref)
        consent.require_manage(db, who, old.id)
        if connection is not None:
            values["connection_id"] = _usable(db, who, connection)
        if segments is not None:
            _choose(db, old.id, segments)
        return _change(store, db, who, old, values, "changed")


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
    )


def detach(store: Store, who: Person, ref: str) -> Export:
    """Take the connection away; the rest is kept, switched off, until it is attached again.

    Raises:
        ForbiddenError, NotFoundError: as in ``add``.
        InUseError: a run of it is not over.
    """
    require(who, Action.EDIT_EXPORTS)
    with store.write() as db:
        old = get_in(db, ref)
        consent.require_manage(db, who, old.id)
        values = {"connection_id": None, "active": False}
        return _change(store, db, who, old, values, "detached")


def attach(store: Store, who: Person, ref: str, connection: str) -> Export:
    """Give it a connection, and switch it on.

    Raises:
        ForbiddenError, NotFoundError: as in ``add``.
        InUseError: a run of it is not over.
    """
    require(who, Action.EDIT_EXPORTS)
    with store.write() as db:
        old = get_in(db, ref)
        consent.require_manage(db, who, old.id)
        values = {"connection_id": _usable(db, who, connection), "active": True}
        return _change(store, db, who, old, values, "attached")


def remove(store: Store, who: Person, ref: str) -> None:
    """Remove an export; its runs stay in the history under its name.

    Raises:
        ForbiddenError, NotFoundError: as in ``add``.
        InUseError: a run of it is not over.
    """
    require(who, Action.EDIT_EXPORTS)
    with store.write() as db:
        old = get_in(db, ref)
        consent.require_manage(db, who, old.id)
        _require_idle(db, old)
        db.execute(delete(exports).where(exports.c.id == old.id))
        log(store, db, who, "removed", old, None)


def get_in(db: Db, ref: str) -> Export:
    """Find one by name or id inside a transaction."""
    row = db.execute(_select().where(names.named(exports, ref))).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no export “{ref}”.")
    return _export(row, _chosen(db, row["id"]).get(row["id"], ()))


def log(
    store: Store, db: Db, who: Person, verb: str, old: Export | None, new: Export | None
) -> None:
    """Write to the audit log what was done to an export."""
    about = new or old
    assert about is not None
    before, after = (asdict(one) if one else None for one in (old, new))
    audit.record(
        store, db, who, verb, "export", ref=about.id, name=about.name, old=before, new=after
    )


_CONTENT = ("connection_id", "audience_id", "matching", "options", "segment_ids")
"""What a plan depends on."""


def _change(
    store: Store, db: Db, who: Person, old: Export, values: dict[str, Any], verb: str
) -> Export:
    if values:
        db.execute(update(exports).where(exports.c.id == old.id).values(values))
    new = get_in(db, old.id)
    if new == old:
        return old
    if (new.connection_id, new.audience_id) != (old.connection_id, old.audience_id):
        _require_idle(db, old)
    moved = any(getattr(new, name) != getattr(old, name) for name in _CONTENT)
    stamp = {
        "revision": old.revision + moved,
        "changed_at": store.clock(),
        "changed_by": who.email,
    }
    db.execute(update(exports).where(exports.c.id == old.id).values(stamp))
    log(store, db, who, verb, old, new)
    return get_in(db, old.id)


def _require_idle(db: Db, export: Export) -> None:
    live = runs.c.state.in_(LIVE) & (runs.c.export_id == export.id)
    if db.scalar(select(runs.c.id).where(live)) is not None:
        raise InUseError(
            f"The export “{export.name}” is running: wait for it to end, or cancel it first."
        )


def _usable(db: Db, who: Person, connection: str) -> str:
    found = connections.get_in(db, connection)
    consent.require_use(who, found)
    return found.id


def _choose(db: Db, export_id: str, refs: Sequence[str]) -> None:
    chosen = list(dict.fromkeys(segments.get_in(db, ref).id for ref in refs))
    if not chosen:
        raise InputError("Choose at least one segment for the export.")
    db.execute(delete(export_segments).where(export_segments.c.export_id == export_id))
    rows = [
        {"export_id": export_id, "segment_id": segment_id, "position": position}
        for position, segment_id in enumerate(chosen)
    ]
    db.execute(insert(export_segments), rows)


def _chosen(db: Db, export_id: str = "") -> dict[str, tuple[str, ...]]:
    query = select(export_segments).order_by(export_segments.c.export_id, "position")
    if export_id:
        query = query.where(export_segments.c.export_id == export_id)
    found: dict[str, tuple[str, ...]] = {}
    for row in db.execute(query):
        found[row.export_id] = (*found.get(row.export_id, ()), row.segment_id)
    return found


def _select() -> Select[*tuple[Any, ...]]:
    return select(
        exports,
        connections_table.c.name.label("connection_name"),
        connections_table.c.shared.label("connection_shared"),
    ).outerjoin(connections_table, connections_table.c.id == exports.c.connection_id)


def _export(row: RowMapping, segment_ids: tuple[str, ...]) -> Export:
    return build(
        Export,
        row,
        connection_name=row["connection_name"] or "",
        connection_shared=bool(row["connection_shared"]),
        matching=wire.matching_from(row["matching"]),
        options=wire.options_from(row["options"]),
        segment_ids=segment_ids,
    )


def _values(
    *,
    name: str | None,
    audience_id: str | None,
    audience_name: str | None,
    matching: Matching | None,
    options: Options | None,
    schedule: str | None,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if name is not None:
        cleaned = names.clean(name, "export")
        values |= {"name": cleaned, "name_key": names.key(cleaned)}
    if audience_id is not None:
        values["audience_id"] = _required(audience_id, "Choose an audience, or type its ID.")
    if audience_name is not None:
        values["audience_name"] = audience_name.strip()
    if matching is not None:
        _required(matching.email, "Choose the column that holds the email address.")
        values["matching"] = wire.from_matching(matching)
    if options is not None:
        values["options"] = wire.from_options(options)
    if schedule is not None:
        values["schedule"] = schedule.strip()
    return values


def _required(text: str, sentence: str) -> str:
    if not text.strip():
        raise InputError(sentence)
    return text.strip()
