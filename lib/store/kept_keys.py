"""What may be told of the key of a connection without telling the key."""

from lib.access import Action, Person, require
from lib.store import secrets
from lib.store.connection_record import find
from lib.store.database import Store


def reference(store: Store, who: Person, ref: str) -> str:
    """Tell where the key of a connection is; empty when it is kept here.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
        SettingsError: it was encrypted with another secret key.
    """
    require(who, Action.EDIT_CONNECTIONS)
    with store.read() as db:
        found = find(db, ref)
        return secrets.take(store, db, found.id) if found.auth == "reference" else ""


def differs(store: Store, who: Person, ref: str, api_key: str) -> bool:
    """Say whether another key than this one is kept.

    Raises:
        ForbiddenError, NotFoundError, SettingsError: as in ``reference``.
    """
    require(who, Action.EDIT_CONNECTIONS)
    with store.read() as db:
        found = find(db, ref)
        return found.auth != "key" or secrets.take(store, db, found.id) != api_key
