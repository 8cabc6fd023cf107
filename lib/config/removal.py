"""Removing a connection, and what becomes of the exports that use it."""

from contextlib import suppress
from typing import Literal

from lib.access import Action, require
from lib.config import Office
from lib.errors import InUseError, StorageError
from lib.runs.keeping import tidying
from lib.store import connections, exports, runs
from lib.store.exports import Export

Fate = Literal["detach", "remove"]
"""Detached exports keep their set-up, and wait for another connection."""


def users(office: Office, ref: str) -> tuple[Export, ...]:
    """List the exports that use a connection, as far as the person may see it.

    Raises:
        NotFoundError: no such connection that the person may see.
    """
    found = connections.get(office.store, office.who, ref)
    every = exports.all(office.store, office.who)
    return tuple(one for one in every if one.connection_id == found.id)


def part(office: Office, ref: str, fate: Fate) -> tuple[Export, ...]:
    """Detach or remove every export that uses a connection, and return them.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
        InUseError: a run of one of them is not over; then nothing is done to any.
    """
    require(office.who, Action.EDIT_CONNECTIONS)
    using = users(office, ref)
    live = {run.export_id for run in runs.live(office.store, office.who)}
    if busy := [f"“{one.name}”" for one in using if one.id in live]:
        raise InUseError(f"A run of {', '.join(busy)} is not over: wait for it, or cancel it.")
    for one in using:
        _let_go(office, one.id, fate)
    _tidy(office)
    return using


def let_go(office: Office, ref: str, fate: Fate) -> None:
    """Detach or remove one export; of a removed one goes what it learned about contacts.

    Raises:
        ForbiddenError: the person may not manage the export.
        NotFoundError: no such export.
        InUseError: a run of it is not over.
    """
    _let_go(office, ref, fate)
    _tidy(office)


def remove(office: Office, ref: str, fate: Fate | None = None) -> tuple[Export, ...]:
    """Remove a connection with its key; return the exports that were detached or removed for it.

    Args:
        office: of an administrator.
        ref: name or id of the connection.
        fate: what becomes of the exports that use it; None refuses when there are any.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
        InUseError: exports use it, or a run of one of them is not over.
    """
    require(office.who, Action.EDIT_CONNECTIONS)
    parted = part(office, ref, fate) if fate else ()
    connections.remove(office.store, office.who, ref)
    _tidy(office)
    return parted


def _let_go(office: Office, ref: str, fate: Fate) -> None:
    (exports.detach if fate == "detach" else exports.remove)(office.store, office.who, ref)


def _tidy(office: Office) -> None:
    # What cannot be removed now is by the worker, which tries daily.
    with suppress(StorageError):
        tidying.tidy(office.store, office.settings)
