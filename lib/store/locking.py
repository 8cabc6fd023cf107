"""Locking all secrets anew with another encryption key."""

from typing import Any

from sqlalchemy import Column, LargeBinary, Table, select, update

from lib.access import Action, Person
from lib.store.acts import acting
from lib.store.box import Box
from lib.store.database import Store
from lib.store.tables import metadata


def lock_anew(store: Store, who: Person, box: Box) -> int:
    """Lock every secret in another box, all or none; from now on the store uses that box.

    Args:
        store: where.
        who: an administrator.
        box: opens what it locks, and need not open what is kept so far.

    Returns:
        How many secrets there are.

    Raises:
        ForbiddenError: not an administrator.
        SettingsError: one of them does not open; nothing is changed.
    """
    many = 0
    with acting(store, who, Action.EDIT_SYSTEM) as act:
        for table, column in _locked():
            (key,) = table.primary_key.columns
            rows = act.db.execute(select(key, column).where(column.is_not(None))).all()
            for ident, ciphertext in rows:
                anew = {column.name: box.lock(store.box.unlock(ciphertext))}
                act.db.execute(update(table).where(key == ident).values(anew))
            many += len(rows)
        act.note("replaced the encryption key of", "secrets", ref="", new={"secrets": many})
    store.box = box
    store.scrub()
    return many


def _locked() -> list[tuple[Table, Column[Any]]]:
    """Find what is kept locked: every column of bytes is."""
    return [
        (table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    ]
