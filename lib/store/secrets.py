"""API keys at rest: in the secret box, and really gone when removed."""

from sqlalchemy import Connection as Db
from sqlalchemy import delete, insert, select

from lib.errors import InputError, NotFoundError
from lib.store.database import Store
from lib.store.tables import secrets


def checked(api_key: str) -> str:
    """Trim a key.

    Raises:
        InputError: it is empty or holds a space or line break.
    """
    key = api_key.strip()
    if not key:
        raise InputError("Give the API key of the Mailchimp account.")
    if not key.isprintable() or " " in key:
        raise InputError("The API key holds a space or line break; copy it again, whole.")
    return key


def put(store: Store, db: Db, connection_id: str, key: str) -> None:
    """Keep the key of a connection in place of any former one."""
    db.execute(delete(secrets).where(secrets.c.connection_id == connection_id))
    row = {
        "connection_id": connection_id,
        "ciphertext": store.box.lock(key),
        "changed_at": store.clock(),
    }
    db.execute(insert(secrets).values(row))


def take(store: Store, db: Db, connection_id: str) -> str:
    """Read the key of a connection.

    Raises:
        NotFoundError: none is kept.
        SettingsError: it was encrypted with another secret key.
    """
    query = select(secrets.c.ciphertext).where(secrets.c.connection_id == connection_id)
    ciphertext = db.scalar(query)
    if ciphertext is None:
        raise NotFoundError("This connection has no API key; enter one.")
    return store.box.unlock(ciphertext)
