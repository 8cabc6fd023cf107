"""Connections: Mailchimp accounts that an administrator has authorised."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, insert, update

from lib.access import Action, Person, require
from lib.errors import InputError, InUseError
from lib.store import agreement, names, references, secrets
from lib.store.acts import Act, acting
from lib.store.connection_record import (
    Connection,
    checked_url,
    find,
    named,
    rows,
    shown,
    unknown,
    used_by,
    visible,
)
from lib.store.database import Store
from lib.store.export_change import let_lapse, require_quiet
from lib.store.tables import connections

__all__ = ["Connection"]

Auth = Literal["key", "oauth", "reference"]
"""What is kept of an account: its API key, the token of a sign-in, or where the key is."""


def add(
    store: Store,
    who: Person,
    *,
    name: str,
    api_key: str,
    api_url: str = "",
    shared: bool = False,
    agreed: bool | None = False,
    practice: bool = False,
    export_user: str = "",
    account_name: str = "",
    account_id: str = "",
    data_centre: str = "",
    auth: Auth = "key",
) -> Connection:
    """Keep a connection; the key goes into the secret box.

    Args:
        store: where.
        who: an administrator.
        name: display name, unique without regard to case.
        api_key: Mailchimp's; or the token of a sign-in, or a reference, as ``auth`` says.
        api_url: where its API is, without path; empty derives it from the key.
        shared: contributors may use it too.
        agreed: the person agreed that data, possibly personal, leave for Mailchimp; None: nobody
            does, as after a withdrawal, so nothing is sent over it until somebody agrees.
        practice: it leads to this machine, so nothing leaves and no consent is needed.
        export_user: on whose behalf scheduled exports read; empty means ``who``.
        account_name: as Mailchimp tells it.
        account_id: as Mailchimp tells it.
        data_centre: such as ``us6``.
        auth: what ``api_key`` is: ``key``, ``oauth`` or ``reference``.

    Raises:
        ForbiddenError: not an administrator.
        InputError: no consent, a bad name, key or URL.
        NameTakenError: another connection has the name.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act, names.claiming(name, "connection"):
        _require_agreed(agreed=agreed is None or agreed, practice=practice)
        values = {
            "id": names.new_id("con"),
            **named(name),
            "auth": auth,
            "api_url": checked_url(api_url, practice=practice),
            "shared": shared,
            "practice": practice,
            **asdict(_agreement(who, act.now, agreed=agreed, practice=practice)),
            "export_user": export_user.strip() or who.email,
            "account_name": account_name,
            "account_id": account_id,
            "data_centre": data_centre,
            "created_at": act.now,
            "created_by": who.email,
        }
        act.db.execute(insert(connections).values(values))
        made = find(act.db, str(values["id"]))
        secrets.put(store, act.db, made.id, _checked(api_key, auth))
        act.log("added", "connection", None, made)
    return made


def all(store: Store, who: Person) -> tuple[Connection, ...]:
    """List what the person may see, by name: everything, or the name of what is shared."""
    require(who, Action.LOOK)
    with store.read() as db:
        return tuple(shown(who, one) for one in rows(db) if visible(who, one))


def get(store: Store, who: Person, ref: str) -> Connection:
    """Find one by name or id.

    Raises:
        NotFoundError: none goes by it, or it is not shared with the person.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        found = find(db, ref)
    if not visible(who, found):
        raise unknown(ref)
    return shown(who, found)


def edit(
    store: Store,
    who: Person,
    ref: str,
    *,
    name: str | None = None,
    shared: bool | None = None,
    export_user: str | None = None,
    contract_blocks: bool | None = None,
) -> Connection:
    """Change what is given; ``rotate`` changes key and URL, ``set_contract_limit`` the limit.

    Raises:
        ForbiddenError, NotFoundError, InputError, NameTakenError: as in ``add``.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act:
        given = {
            "shared": shared,
            "export_user": None if export_user is None else _named_user(export_user),
            "contract_blocks": contract_blocks,
        }
        values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if name is not None:
            values |= named(name)
        return _change(act, ref, values)


def set_contract_limit(store: Store, who: Person, ref: str, contacts: int | None) -> Connection:
    """Keep how many contacts the contract with Mailchimp allows; None forgets it.

    Raises:
        ForbiddenError, NotFoundError: as in ``add`` and ``get``.
        InputError: the number is below 1.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act:
        if contacts is not None and contacts < 1:
            raise InputError("The contract limit is a number of contacts from 1 upwards.")
        return _change(act, ref, {"contract_limit": contacts})


def rotate(
    store: Store,
    who: Person,
    ref: str,
    api_key: str,
    *,
    auth: Auth = "key",
    api_url: str | None = None,
) -> Connection:
    """Replace the API key; the former one is gone from the store.

    Another URL comes with a key only, so that no kept key goes where nobody typed it for; plans and
    rules of the exports then have to be approved again.

    Args:
        store: where.
        who: an administrator.
        ref: name or id.
        api_key: as in ``add``.
        auth: as in ``add``.
        api_url: where the key is good; None leaves it as it is.

    Raises:
        ForbiddenError, NotFoundError, InputError: as in ``add`` and ``get``.
        InUseError: the URL is another, and a run over the connection is not over.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act:
        found = find(act.db, ref)
        secrets.put(store, act.db, found.id, _checked(api_key, auth))
        here = connections.c.id == found.id
        url = found.api_url if api_url is None else checked_url(api_url, practice=found.practice)
        act.db.execute(update(connections).where(here).values(auth=auth, api_url=url))
        # Practice moves within this machine whenever it is started anew.
        if url != found.api_url and not found.practice:
            require_quiet(act.db, found)
            let_lapse(act, found.id)
        act.note(
            "rotated the key of", "connection", ref=found.id, name=found.name,
            old={"api_key": "•••", "api_url": found.api_url},
            new={"api_key": "••• (new)", "api_url": url},
        )  # fmt: skip
        kept = find(act.db, found.id)
    store.scrub()
    return kept


def remove(store: Store, who: Person, ref: str) -> None:
    """Remove a connection and its key for good.

    Raises:
        ForbiddenError, NotFoundError: as in ``add`` and ``get``.
        InUseError: naming the exports that use it; detach or remove them first.
    """
    with acting(store, who, Action.EDIT_CONNECTIONS) as act:
        found = find(act.db, ref)
        using = used_by(act.db, found.id)
        if using:
            raise InUseError(
                f"The connection “{found.name}” is used by {names.listed(using)}: "
                "remove or detach each of them first."
            )
        act.db.execute(delete(connections).where(connections.c.id == found.id))
        act.log("removed", "connection", found, None)
    store.scrub()


def _checked(api_key: str, auth: Auth) -> str:
    return references.checked(api_key) if auth == "reference" else secrets.checked(api_key)


def _named_user(export_user: str) -> str:
    if not export_user.strip():
        raise InputError("Say on whose behalf scheduled exports read the profiles.")
    return export_user.strip()


def _agreement(
    who: Person, at: datetime, *, agreed: bool | None, practice: bool
) -> agreement.Agreement:
    if agreed is None and not practice:
        return agreement.WITHDRAWN
    return agreement.given(who.email, at, practice=practice)


def _require_agreed(*, agreed: bool, practice: bool) -> None:
    if not (agreed or practice):
        raise InputError(
            "A connection needs your consent that data, possibly personal, leave for Mailchimp: "
            "agree to it first (“I agree”, or --i-agree)."
        )


def _change(act: Act, ref: str, values: dict[str, Any]) -> Connection:
    old = find(act.db, ref)
    if values:
        with names.claiming(values.get("name", ""), "connection"):
            query = update(connections).where(connections.c.id == old.id)
            act.db.execute(query.values(values))
    new = find(act.db, old.id)
    if new != old:
        act.log("changed", "connection", old, new)
    return new
