"""Consent, and what depends on it: using a connection's key."""

from dataclasses import dataclass, field

from sqlalchemy import Connection as Db
from sqlalchemy import select, update

from lib.access import Action, Person, Role, require
from lib.errors import ForbiddenError
from lib.store import connections
from lib.store.connections import Connection
from lib.store.database import Store
from lib.store.tables import LIVE, exports, runs
from lib.store.tables import connections as connections_table


@dataclass(frozen=True, slots=True)
class Passage:
    """What it takes to speak to the account of a connection."""

    api_url: str
    """Empty: derived from the key."""
    api_key: str = field(repr=False)
    practice: bool = False


def agree(store: Store, who: Person, ref: str) -> Connection:
    """Record that the person agrees that data leave for Mailchimp.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
    """
    require(who, Action.EDIT_CONNECTIONS)
    with store.write() as db:
        return _set(store, db, who, "agreed to", ref, who.email)


def withdraw(store: Store, who: Person, ref: str) -> Connection:
    """Withdraw consent: the key cannot be used from now on, and live runs are told to stop.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
    """
    require(who, Action.EDIT_CONNECTIONS)
    with store.write() as db:
        new = _set(store, db, who, "withdrew consent to", ref, None)
        live = runs.c.state.in_(LIVE) & (runs.c.connection_id == new.id)
        db.execute(update(runs).where(live).values(cancel_requested=True))
    return new


def passage(store: Store, who: Person, ref: str) -> Passage:
    """Give URL and key to somebody who may use the connection.

    Raises:
        ForbiddenError: neither administrator nor contributor of a shared connection.
        NotFoundError: no such connection.
        RefusedError: consent was withdrawn.
        SettingsError: the key was encrypted with another secret key.
    """
    with store.read() as db:
        found = connections.get_in(db, ref)
        require_use(who, found)
        key = connections.secret_in(store, db, found)
    return Passage(found.api_url, key, found.practice)


def require_use(who: Person, connection: Connection) -> None:
    """Let administrators pass, and contributors when the connection is shared.

    Raises:
        ForbiddenError: for everybody else.
    """
    require(who, Action.EDIT_EXPORTS)
    if who.role is not Role.ADMINISTRATOR and not connection.shared:
        raise ForbiddenError(
            f"The connection “{connection.name}” is not shared with contributors. "
            "Ask an administrator to share it."
        )


def require_manage(db: Db, who: Person, export_id: str) -> None:
    """Let pass who may use the connection of an export; a detached one is everybody's.

    Raises:
        ForbiddenError: for everybody else.
    """
    query = select(exports.c.connection_id).where(exports.c.id == export_id)
    connection_id = db.scalar(query)
    if connection_id is not None:
        require_use(who, connections.get_in(db, connection_id))


def _set(
    store: Store, db: Db, who: Person, verb: str, ref: str, agreed_by: str | None
) -> Connection:
    old = connections.get_in(db, ref)
    values = {"agreed_by": agreed_by, "agreed_at": store.clock() if agreed_by else None}
    query = update(connections_table).where(connections_table.c.id == old.id)
    db.execute(query.values(values))
    new = connections.get_in(db, old.id)
    connections.log(store, db, who, verb, old, new)
    return new
