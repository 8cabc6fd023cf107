"""Choices of the installation that a person makes in the product, such as the refresh."""

from sqlalchemy import delete, insert, select

from lib.access import Action, Person, require
from lib.store import audit
from lib.store.database import Store
from lib.store.tables import choices

type_of_json = dict[str, object] | list[object] | str | int | float | bool | None


def get(store: Store, key: str, default: type_of_json = None) -> type_of_json:
    """Read a choice, or the default when nobody made it."""
    with store.read() as db:
        row = db.execute(select(choices.c.value).where(choices.c.key == key)).first()
    return default if row is None else row.value


def put(store: Store, who: Person, key: str, value: type_of_json) -> None:
    """Make a choice.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.write() as db:
        old = db.execute(select(choices.c.value).where(choices.c.key == key)).first()
        db.execute(delete(choices).where(choices.c.key == key))
        row = {"key": key, "value": value, "changed_at": store.clock(), "changed_by": who.email}
        db.execute(insert(choices).values(row))
        before = {"value": old.value} if old else None
        audit.record(store, db, who, "chose", "choice", ref=key, name=key, old=before,
                     new={"value": value})  # fmt: skip


def own(store: Store, who: Person, key: str, default: type_of_json = None) -> type_of_json:
    """Read what a person chose for themselves alone, or the default."""
    return get(store, _own(who, key), default)


def put_own(store: Store, who: Person, key: str, value: type_of_json) -> None:
    """Choose for oneself. It concerns nobody else, so it needs no right and is not audited."""
    changed = {"value": value, "changed_at": store.clock(), "changed_by": who.email}
    with store.write() as db:
        db.execute(delete(choices).where(choices.c.key == _own(who, key)))
        db.execute(insert(choices).values({"key": _own(who, key), **changed}))


def _own(who: Person, key: str) -> str:
    return f"{key} of {who.email}"
