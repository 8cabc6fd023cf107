"""Consent, and what depends on it: speaking to the account of a connection."""

from dataclasses import asdict, dataclass, field

from sqlalchemy import select, update

from lib.access import Action, Person
from lib.store import agreement, references, secrets
from lib.store.acts import Act, acting
from lib.store.connection_record import (
    WITHDRAWN,
    Connection,
    find,
    require_consent,
    require_use,
)
from lib.store.database import Store
from lib.store.tables import LIVE, connections, runs


@dataclass(frozen=True, slots=True)
class Passage:
    """What it takes to speak to the account of a connection."""

    api_url: str
    """Empty: derived from the key."""
    api_key: str = field(repr=False)
    practice: bool = False
    token: str = field(default="", repr=False)
    """Of an OAuth2 sign-in; then there is no key."""
    account_id: str = field(default="", repr=False)
    """Whose limits count, also for somebody who may use the connection without seeing whose."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What the contract with Mailchimp allows, for whoever may use the connection."""

    limit: int | None
    """Contacts; None when nobody typed it."""
    blocks: bool
    """Refuse what exceeds it, instead of warning."""


def contract(store: Store, who: Person, ref: str) -> Contract:
    """Read the contract limit of a connection.

    Raises:
        ForbiddenError: the person may not use the connection.
        NotFoundError: no such connection.
    """
    with store.read() as db:
        found = find(db, ref)
    require_use(who, found)
    return Contract(found.contract_limit, found.contract_blocks)


def agree(store: Store, who: Person, ref: str) -> Connection:
    """Record that the person agrees that data leave for Mailchimp, and to which wording.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act:
        return _set(act, ref, agreed=True)


def withdraw(store: Store, who: Person, ref: str) -> Connection:
    """Withdraw consent: the key cannot be used from now on, and live runs are told to stop.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such connection.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act:
        new = _set(act, ref, agreed=False)
        live = runs.c.state.in_(LIVE) & (runs.c.connection_id == new.id)
        act.db.execute(update(runs).where(live).values(cancel_requested=True))
    return new


def withdrawn(store: Store, connection_id: str) -> str:
    """Say that consent was withdrawn, in the sentence of a refusal; empty while somebody agrees."""
    with store.read() as db:
        query = select(connections.c.name, connections.c.agreed_at)
        found = db.execute(query.where(connections.c.id == connection_id)).first()
    return "" if found is None or found.agreed_at else WITHDRAWN.format(found.name)


def passage(store: Store, who: Person, ref: str) -> Passage:
    """Give URL and key to somebody who may use the connection.

    Raises:
        ForbiddenError: neither administrator nor contributor of a shared connection.
        NotFoundError: no such connection.
        RefusedError: consent was withdrawn.
        SettingsError: the key was encrypted with another secret key, or is not where it should be.
    """
    with store.read() as db:
        found = find(db, ref)
        require_use(who, found)
        require_consent(found)
        kept = secrets.take(store, db, found.id)
    if found.auth == "oauth":
        return Passage(found.api_url, "", found.practice, kept, account_id=found.account_id)
    if found.auth == "reference":
        kept = references.read(kept, store.places)
    return Passage(found.api_url, kept, found.practice, account_id=found.account_id)


def _set(act: Act, ref: str, *, agreed: bool) -> Connection:
    old = find(act.db, ref)
    kept = agreement.WITHDRAWN
    if agreed:
        kept = agreement.given(act.who.email, act.now, practice=old.practice)
    act.db.execute(update(connections).where(connections.c.id == old.id).values(asdict(kept)))
    new = find(act.db, old.id)
    act.log("agreed to" if agreed else "withdrew consent to", "connection", old, new)
    return new
