"""Segments: named, saved sets of profiles."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import delete, func, insert, select, update

from lib.access import Action, Person, require
from lib.errors import InputError, InUseError, NotFoundError
from lib.store import names
from lib.store.acts import Act, acting
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import export_segments, exports, segments


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment."""

    id: str
    name: str
    description: str
    sql: str
    rules: str | None
    """JSON of the rules that the SQL was made from; None when a person wrote the SQL."""
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    used_by: tuple[str, ...] = ()
    """Names of the exports that use it."""


def add(
    store: Store,
    who: Person,
    *,
    name: str,
    sql: str,
    description: str = "",
    rules: str | None = None,
) -> Segment:
    """Save a segment.

    Raises:
        ForbiddenError: a viewer.
        InputError: a bad name, or no query.
        NameTakenError: another segment has the name.
    """
    with acting(store, who, Action.EDIT_SEGMENTS) as act, names.claiming(name, "segment"):
        values = {
            "id": names.new_id("seg"),
            **_named(name),
            "sql": _checked(sql),
            "description": description.strip(),
            "rules": rules,
            "created_at": act.now,
            "created_by": who.email,
            "changed_at": act.now,
            "changed_by": who.email,
        }
        act.db.execute(insert(segments).values(values))
        made = find(act.db, str(values["id"]))
        act.log("added", "segment", None, made)
    return made


def all(store: Store, who: Person) -> tuple[Segment, ...]:
    """List the segments by name."""
    require(who, Action.LOOK)
    with store.read() as db:
        rows = db.execute(select(segments).order_by(segments.c.name_key)).mappings().all()
        using = _users(db)
    return tuple(build(Segment, row, used_by=using.get(row["id"], ())) for row in rows)


def count(store: Store, who: Person) -> int:
    """Count the segments."""
    require(who, Action.LOOK)
    with store.read() as db:
        return db.scalar(select(func.count()).select_from(segments)) or 0


def get(store: Store, who: Person, ref: str) -> Segment:
    """Find one by name or id.

    Raises:
        NotFoundError: none goes by it.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        return find(db, ref)


def edit(
    store: Store,
    who: Person,
    ref: str,
    *,
    name: str | None = None,
    sql: str | None = None,
    description: str | None = None,
    rules: str | None = None,
) -> Segment:
    """Change what is given; new SQL without rules makes it a segment of SQL.

    Raises:
        ForbiddenError, NotFoundError, InputError, NameTakenError: as in ``add`` and ``get``.
    """
    with acting(store, who, Action.EDIT_SEGMENTS) as act:
        values: dict[str, Any] = {} if name is None else {**_named(name)}
        if sql is not None:
            values |= {"sql": _checked(sql), "rules": rules}
        elif rules is not None:
            raise InputError("Rules are saved together with the SQL that they make.")
        if description is not None:
            values["description"] = description.strip()
        return _change(act, ref, values)


def rename(store: Store, who: Person, ref: str, name: str) -> Segment:
    """Give it another name.

    Raises:
        ForbiddenError, NotFoundError, InputError, NameTakenError: as in ``add`` and ``get``.
    """
    return edit(store, who, ref, name=name)


def duplicate(store: Store, who: Person, ref: str, name: str) -> Segment:
    """Save a copy under another name.

    Raises:
        ForbiddenError, NotFoundError, InputError, NameTakenError: as in ``add`` and ``get``.
    """
    found = get(store, who, ref)
    copied = {"sql": found.sql, "description": found.description}
    return add(store, who, name=name, rules=found.rules, **copied)


def remove(store: Store, who: Person, ref: str) -> None:
    """Remove a segment and the history of its counts.

    Raises:
        ForbiddenError, NotFoundError: as in ``add`` and ``get``.
        InUseError: naming the exports that use it.
    """
    with acting(store, who, Action.EDIT_SEGMENTS) as act:
        found = find(act.db, ref)
        if found.used_by:
            raise InUseError(
                f"The segment “{found.name}” is used by {names.listed(found.used_by)}: "
                "take it out of each of them first."
            )
        act.db.execute(delete(segments).where(segments.c.id == found.id))
        act.log("removed", "segment", found, None)


def find(db: Db, ref: str) -> Segment:
    """Find one by name or id inside a transaction.

    Raises:
        NotFoundError: none goes by it.
    """
    row = db.execute(select(segments).where(names.named(segments, ref))).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no segment “{ref}”.")
    return build(Segment, row, used_by=_users(db, row["id"]).get(row["id"], ()))


def _users(db: Db, segment_id: str = "") -> dict[str, tuple[str, ...]]:
    query = (
        select(export_segments.c.segment_id, exports.c.name)
        .join(exports, exports.c.id == export_segments.c.export_id)
        .order_by(exports.c.name_key)
    )
    if segment_id:
        query = query.where(export_segments.c.segment_id == segment_id)
    found: dict[str, tuple[str, ...]] = {}
    for segment, export in db.execute(query):
        found[segment] = (*found.get(segment, ()), export)
    return found


def _change(act: Act, ref: str, values: dict[str, Any]) -> Segment:
    old = find(act.db, ref)
    wanted = replace(old, **{key: value for key, value in values.items() if key != "name_key"})
    if wanted == old:
        return old
    values |= {"changed_at": act.now, "changed_by": act.who.email}
    with names.claiming(wanted.name, "segment"):
        act.db.execute(update(segments).where(segments.c.id == old.id).values(values))
    if (wanted.sql, wanted.name) != (old.sql, old.name):
        _let_rules_lapse(act.db, old.id)
    new = find(act.db, old.id)
    act.log("changed", "segment", old, new)
    return new


def _let_rules_lapse(db: Db, segment_id: str) -> None:
    """Ask anew whether the exports of a segment may run by themselves: they send others now."""
    users = select(export_segments.c.export_id).where(export_segments.c.segment_id == segment_id)
    here = update(exports).where(exports.c.id.in_(users))
    db.execute(here.values(rules_approved_revision=None))


def _named(name: str) -> dict[str, str]:
    cleaned = names.clean(name, "segment")
    return {"name": cleaned, "name_key": names.key(cleaned)}


def _checked(sql: str) -> str:
    if not sql.strip():
        raise InputError("A segment needs a query.")
    return sql.strip()
