"""Sources of the warehouse, as an administrator added them."""

from dataclasses import asdict
from dataclasses import replace as changed

from sqlalchemy import Connection as Db
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.access import Action, Person, require
from lib.errors import InUseError, NameTakenError, NotFoundError
from lib.sources import Source
from lib.store import audit, names
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import exports, segments, sources


def add(store: Store, who: Person, source: Source) -> Source:
    """Keep a source that the warehouse has admitted.

    Raises:
        ForbiddenError: not an administrator.
        InputError: a bad name.
        NameTakenError: another source has the name.
    """
    require(who, Action.EDIT_SYSTEM)
    name = names.clean(source.name, "source")
    row = {**asdict(source), "name": name, "name_key": names.key(name)}
    row |= {"created_at": store.clock(), "created_by": who.email}
    kept = build(Source, row)
    with store.write() as db:
        try:
            db.execute(insert(sources).values(row))
        except IntegrityError:
            raise NameTakenError(
                f"Another source is called “{name}” already; choose another name."
            ) from None
        audit.record(store, db, who, "added", "source", ref=name, name=name, new=asdict(kept))
    return kept


def replace(store: Store, who: Person, source: Source) -> Source:
    """Change where a source lies, its key or its origin; the name tells which.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no source has the name.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.write() as db:
        old = _get(db, source.name)
        new = changed(source, name=old.name)
        query = update(sources).where(sources.c.name_key == names.key(old.name))
        db.execute(query.values(asdict(new)))
        audit.record(store, db, who, "changed", "source", ref=old.name, name=old.name,
                     old=asdict(old), new=asdict(new))  # fmt: skip
    return new


def all(store: Store, who: Person) -> tuple[Source, ...]:
    """List the sources by name."""
    require(who, Action.LOOK)
    with store.read() as db:
        rows = db.execute(select(sources).order_by(sources.c.name_key)).mappings()
        return tuple(build(Source, row) for row in rows)


def get(store: Store, who: Person, name: str) -> Source:
    """Find one by name.

    Raises:
        NotFoundError: no source has the name.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        return _get(db, name)


def remove(store: Store, who: Person, name: str) -> None:
    """Forget a source; its file stays where it is.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no source has the name.
        InUseError: it is the last one, and segments or exports are saved.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.write() as db:
        old = _get(db, name)
        db.execute(delete(sources).where(sources.c.name_key == names.key(old.name)))
        audit.record(store, db, who, "removed", "source", ref=old.name, name=old.name,
                     old=asdict(old))  # fmt: skip
        # The entry above holds the log until the end, so nobody saves or removes in between.
        _require_ground(db, old)


def _require_ground(db: Db, gone: Source) -> None:
    """Refuse to leave what is saved without a source: it would read the sample company instead."""
    left, segments_kept, exports_kept = (
        db.scalar(select(func.count()).select_from(table)) or 0
        for table in (sources, segments, exports)
    )
    if not left and (segments_kept or exports_kept):
        raise InUseError(
            f"“{gone.name}” is the last source, and something saved still needs one "
            f"(segments: {segments_kept:,}, exports: {exports_kept:,}): "
            "add the source that takes its place first, or remove what is saved."
        )


def _get(db: Db, name: str) -> Source:
    query = select(sources).where(sources.c.name_key == names.key(name))
    row = db.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no source “{name}”.")
    return build(Source, row)
