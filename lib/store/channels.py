"""Channels: where notices of exports go; a webhook's URL is kept like a key."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import Connection as Db
from sqlalchemy import delete, insert, select, update

from lib.access import Action, Person, require
from lib.errors import InputError, NotFoundError, SettingsError
from lib.store import names
from lib.store.acts import Act, acting
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import channels, notices

Kind = Literal["webhook", "mail"]
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\]+@[^\s@<>(),;:\"\\]+")
_OFF = "The channel was switched off."


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel, as it may be shown."""

    id: str
    name: str
    kind: Kind
    address: str
    """The mail address; of a webhook only its server, as whoever knows the rest can write there."""
    active: bool
    created_at: datetime
    created_by: str


def add(
    store: Store, who: Person, *, name: str, kind: Kind, target: str, active: bool = True
) -> Channel:
    """Keep a channel; it is told of what happens from now on.

    Args:
        store: where.
        who: an administrator.
        name: unique without regard to case.
        kind: ``webhook`` or ``mail``.
        target: the webhook's URL, which is encrypted and never shown again; or a mail address.
        active: gets notices.

    Raises:
        ForbiddenError: not an administrator.
        InputError: a bad name, URL or address.
        NameTakenError: another channel has the name.
    """
    with acting(store, who, Action.EDIT_SYSTEM) as act, names.claiming(name, "channel"):
        cleaned = names.clean(name, "channel")
        values = {
            "id": names.new_id("chn"),
            "name": cleaned,
            "name_key": names.key(cleaned),
            "kind": kind,
            **_aimed(store, kind, target),
            "active": active,
            "created_at": act.now,
            "created_by": who.email,
        }
        act.db.execute(insert(channels).values(values))
        made = find(act.db, str(values["id"]))
        act.log("added", "channel", None, made)
    return made


def all(store: Store, who: Person) -> tuple[Channel, ...]:
    """List the channels by name.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.read() as db:
        found = db.execute(select(channels).order_by(channels.c.name_key)).mappings()
        return tuple(build(Channel, row) for row in found)


def get(store: Store, who: Person, ref: str) -> Channel:
    """Find one by name or id.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: none goes by it.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.read() as db:
        return find(db, ref)


def switch(store: Store, who: Person, ref: str, *, active: bool) -> Channel:
    """Switch a channel on or off; what waited for it when it went off is not sent later.

    Raises:
        ForbiddenError, NotFoundError: as in ``get``.
    """
    with acting(store, who, Action.EDIT_SYSTEM) as act:
        found = find(act.db, ref)
        if not active:
            waiting = (notices.c.channel_id == found.id) & notices.c.next_at.is_not(None)
            act.db.execute(update(notices).where(waiting).values(next_at=None, error=_OFF))
        return _change(act, found, {"active": active})


def aim(store: Store, who: Person, ref: str, target: str) -> Channel:
    """Give a channel another URL or address; the former URL is gone from the store.

    Raises:
        ForbiddenError, NotFoundError: as in ``get``.
        InputError: a bad URL or address.
    """
    with acting(store, who, Action.EDIT_SYSTEM) as act:
        old = find(act.db, ref)
        values = _aimed(store, old.kind, target)
        act.db.execute(update(channels).where(channels.c.id == old.id).values(values))
        new = find(act.db, old.id)
        masked = {"address": f"{new.address} (new)" if old.kind == "webhook" else new.address}
        was = {"address": old.address}
        act.note("changed", "channel", ref=old.id, name=old.name, old=was, new=masked)
    store.scrub()
    return new


def remove(store: Store, who: Person, ref: str) -> None:
    """Remove a channel with its URL and the log of its notices.

    Raises:
        ForbiddenError, NotFoundError: as in ``get``.
    """
    with acting(store, who, Action.EDIT_SYSTEM) as act:
        found = find(act.db, ref)
        act.db.execute(delete(notices).where(notices.c.channel_id == found.id))
        act.db.execute(delete(channels).where(channels.c.id == found.id))
        act.log("removed", "channel", found, None)
    store.scrub()


def target(store: Store, channel_id: str) -> str:
    """Give the URL or address to the worker, which tells what somebody with the right asked for.

    Raises:
        NotFoundError: no such channel.
        SettingsError: the URL was encrypted with another secret key.
    """
    with store.read() as db:
        found = find(db, channel_id)
        locked = db.scalar(select(channels.c.ciphertext).where(channels.c.id == found.id))
    if locked is None:
        return found.address
    try:
        return store.box.unlock(locked)
    except SettingsError:
        raise SettingsError(
            "The webhook's URL was encrypted with another secret key: put the former "
            "MUSTER_SECRET_KEY (or secret.key in the state directory) back, or give the channel "
            "its URL again."
        ) from None


def find(db: Db, ref: str) -> Channel:
    """Find one by name or id inside a transaction.

    Raises:
        NotFoundError: none goes by it.
    """
    row = db.execute(select(channels).where(names.named(channels, ref))).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no channel “{ref}”.")
    return build(Channel, row)


def _change(act: Act, old: Channel, values: dict[str, Any]) -> Channel:
    act.db.execute(update(channels).where(channels.c.id == old.id).values(values))
    new = find(act.db, old.id)
    if new != old:
        act.log("changed", "channel", old, new)
    return new


def checked(kind: Kind, target: str) -> str:
    """Trim a mail address or the URL of a webhook.

    Raises:
        InputError: it is none.
    """
    return _address(target) if kind == "mail" else _url(target)


def _aimed(store: Store, kind: Kind, target: str) -> dict[str, Any]:
    url = checked(kind, target)
    if kind == "mail":
        return {"address": url, "ciphertext": None}
    parts = urlsplit(url)
    return {
        "address": f"{parts.scheme}://{parts.hostname}/…",
        "ciphertext": store.box.lock(url),
    }


def _address(typed: str) -> str:
    address = typed.strip()
    if not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise InputError("Give one mail address, such as marketing@example.org.")
    return address


def _url(typed: str) -> str:
    url = typed.strip()
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isprintable() or " " in url:
        raise InputError("A webhook's URL begins with https:// (or http://) and a server's name.")
    return url
