"""Connections: Mailchimp accounts that an administrator has authorised."""

from dataclasses import asdict, dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, delete, insert, select, update

from lib.access import Action, Person, Role, require
from lib.errors import InputError, InUseError, NotFoundError, RefusedError
from lib.store import audit, names, secrets
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import connections, exports


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection; to whoever is no administrator only id, name, sharing and practice show."""

    id: str
    name: str
    api_url: str = ""
    """Empty: derived from the data centre in the API key."""
    shared: bool = False
    """Contributors may use it."""
    practice: bool = False
    """It leads to this machine; no data leave it."""
    agreed_by: str | None = None
    """Who agreed that data may leave for Mailchimp; None once that was withdrawn."""
    agreed_at: datetime | None = None
    export_user: str = ""
    """On whose behalf scheduled exports read the profiles."""
    account_name: str = ""
    account_id: str = ""
    data_centre: str = ""
    contract_limit: int | None = None
    """Contacts that the contract with Mailchimp allows."""
    contract_blocks: bool = False
    """Refuse what exceeds the contract, instead of warning."""
    auth: str = "key"
    created_at: datetime | None = None
    created_by: str = ""


def add(
    store: Store,
    who: Person,
    *,
    name: str,
    api_key: str,
    api_url: str = "",
    shared: bool = False,
    agreed: bool = False,
    practice: bool = False,
    export_user: str = "",
    account_name: str = "",
    account_id: str = "",
    data_centre: str = "",
) -> Connection:
    """Keep a connection; the key goes into the secret box.

    Args:
        store: where.
        who: an administrator.
        name: display name, unique without regard to case.
        api_key: Mailchimp's.
        api_url: where its API is, without path; empty derives it from the key.
        shared: contributors may use it too.
        agreed: the person agreed that data, possibly personal, leave for Mailchimp.
        practice: it leads to this machine, so nothing leaves and no consent is needed.
        export_user: on whose behalf scheduled exports read; empty means ``who``.
        account_name: as Mailchimp tells it.
        account_id: as Mailchimp tells it.
        data_centre: such as ``us6``.

    Raises:
        ForbiddenError: not an administrator.
        InputError: no consent, a bad name, key or URL.
        NameTakenError: another connection has the name.
    """
    require(who, Action.EDIT_CONNECTIONS)
    if not (agreed or practice):
        raise InputError(
            "A connection needs your consent that data, possibly personal, leave for Mailchimp: "
            "agree to it first (“I agree”, or --i-agree)."
        )
    values: dict[str, Any] = {
        "id": names.new_id("con"),
        **_named(name),
        "auth": "key",
        "api_url": _checked_url(api_url, practice),
        "shared": shared,
        "practice": practice,
        "agreed_by": who.email,
        "agreed_at": store.clock(),
        "export_user": export_user or who.email,
        "account_name": account_name,
        "account_id": account_id,
        "data_centre": data_centre,
        "created_at": store.clock(),
        "created_by": who.email,
    }
    key = secrets.checked(api_key)
    with store.write() as db, names.claiming(values["name"], "connection"):
        db.execute(insert(connections).values(values))
        secrets.put(store, db, values["id"], key)
        made = get_in(db, values["id"])
        log(store, db, who, "added", None, made)
    return made


def all(store: Store, who: Person) -> tuple[Connection, ...]:
    """List what the person may see, by name: everything, or the name of what is shared."""
    require(who, Action.LOOK)
    query = select(connections).order_by(connections.c.name_key)
    with store.read() as db:
        rows = db.execute(query).mappings().all()
    return tuple(_shown(who, row) for row in rows if _visible(who, row))


def get(store: Store, who: Person, ref: str) -> Connection:
    """Find one by name or id.

    Raises:
        NotFoundError: none goes by it, or it is not shared with the person.
    """
    require(who, Action.LOOK)
    with store.read() as db:
        row = _row(db, ref)
    if row is None or not _visible(who, row):
        raise _unknown(ref)
    return _shown(who, row)


def edit(
    store: Store,
    who: Person,
    ref: str,
    *,
    name: str | None = None,
    api_url: str | None = None,
    shared: bool | None = None,
    export_user: str | None = None,
    contract_blocks: bool | None = None,
    account_name: str | None = None,
    account_id: str | None = None,
    data_centre: str | None = None,
) -> Connection:
    """Change what is given and leave the rest; ``set_contract_limit`` and ``rotate`` do theirs.

    Raises:
        ForbiddenError, NotFoundError, InputError, NameTakenError: as in ``add``.
    """
    require(who, Action.EDIT_CONNECTIONS)
    given = {
        "shared": shared,
        "export_user": export_user,
        "contract_blocks": contract_blocks,
        "account_name": account_name,
        "account_id": account_id,
        "data_centre": data_centre,
    }
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if name is not None:
        values |= _named(name)
    with store.write() as db:
        if api_url is not None:
            values["api_url"] = _checked_url(api_url, get_in(db, ref).practice)
        return _change(store, db, who, ref, values)


def set_contract_limit(store: Store, who: Person, ref: str, contacts: int | None) -> Connection:
    """Keep how many contacts the contract with Mailchimp allows; None forgets it.

    Raises:
        ForbiddenError, NotFoundError: as in ``add`` and ``get``.
        InputError: the number is below 1.
    """
    require(who, Action.EDIT_CONNECTIONS)
    if contacts is not None and contacts < 1:
        raise InputError("The contract limit is a number of contacts from 1 upwards.")
    with store.write() as db:
        return _change(store, db, who, ref, {"contract_limit": contacts})


def rotate(store: Store, who: Person, ref: str, api_key: str) -> Connection:
    """Replace the API key; the former one is gone from the store.

    Raises:
        ForbiddenError, NotFoundError, InputError: as in ``add`` and ``get``.
    """
    require(who, Action.EDIT_CONNECTIONS)
    key = secrets.checked(api_key)
    with store.write() as db:
        found = get_in(db, ref)
        secrets.put(store, db, found.id, key)
        audit.record(store, db, who, "rotated the key of", "connection", ref=found.id,
                     name=found.name, old={"api_key": "•••"}, new={"api_key": "••• (new)"})  # fmt: skip
    store.scrub()
    return found


def remove(store: Store, who: Person, ref: str) -> None:
    """Remove a connection and its key for good.

    Raises:
        ForbiddenError, NotFoundError: as in ``add`` and ``get``.
        InUseError: naming the exports that use it; detach or remove them first.
    """
    require(who, Action.EDIT_CONNECTIONS)
    with store.write() as db:
        found = get_in(db, ref)
        using = used_by(db, found.id)
        if using:
            raise InUseError(
                f"The connection “{found.name}” is used by {names.listed(using)}: "
                "remove or detach each of them first."
            )
        db.execute(delete(connections).where(connections.c.id == found.id))
        log(store, db, who, "removed", found, None)
    store.scrub()


def secret(store: Store, connection_id: str) -> str:
    """Give the API key to the worker, which acts on what somebody with the right approved.

    Raises:
        NotFoundError: no such connection.
        RefusedError: consent was withdrawn.
        SettingsError: the key was encrypted with another secret key.
    """
    with store.read() as db:
        return secret_in(store, db, get_in(db, connection_id))


def secret_in(store: Store, db: Db, found: Connection) -> str:
    """Read the key inside a transaction, as long as there is consent.

    Raises:
        RefusedError, SettingsError: as in ``secret``.
    """
    if found.agreed_at is None:
        raise RefusedError(
            f"Consent for the connection “{found.name}” was withdrawn, so nothing is sent: "
            "an administrator can agree again."
        )
    return secrets.take(store, db, found.id)


def used_by(db: Db, connection_id: str) -> tuple[str, ...]:
    """Names of the exports that use it."""
    query = select(exports.c.name).where(exports.c.connection_id == connection_id)
    return tuple(db.scalars(query.order_by(exports.c.name_key)))


def get_in(db: Db, ref: str) -> Connection:
    """Find one by name or id inside a transaction, whoever asks."""
    row = _row(db, ref)
    if row is None:
        raise _unknown(ref)
    return build(Connection, row)


def log(
    store: Store,
    db: Db,
    who: Person,
    verb: str,
    old: Connection | None,
    new: Connection | None,
) -> None:
    """Write to the audit log what was done to a connection."""
    about = new or old
    assert about is not None
    audit.record(
        store,
        db,
        who,
        verb,
        "connection",
        ref=about.id,
        name=about.name,
        old=asdict(old) if old else None,
        new=asdict(new) if new else None,
    )


def _change(store: Store, db: Db, who: Person, ref: str, values: dict[str, Any]) -> Connection:
    old = get_in(db, ref)
    if values:
        with names.claiming(values.get("name", ""), "connection"):
            db.execute(update(connections).where(connections.c.id == old.id).values(values))
    new = get_in(db, old.id)
    if new != old:
        log(store, db, who, "changed", old, new)
    return new


def _row(db: Db, ref: str) -> RowMapping | None:
    return db.execute(select(connections).where(names.named(connections, ref))).mappings().first()


def _unknown(ref: str) -> NotFoundError:
    return NotFoundError(f"There is no connection “{ref}” that you may see.")


def _visible(who: Person, row: RowMapping) -> bool:
    return who.role is Role.ADMINISTRATOR or (who.role is Role.CONTRIBUTOR and row["shared"])


def _shown(who: Person, row: RowMapping) -> Connection:
    whole = build(Connection, row)
    if who.role is Role.ADMINISTRATOR:
        return whole
    return Connection(whole.id, whole.name, shared=whole.shared, practice=whole.practice)


def _named(name: str) -> dict[str, str]:
    cleaned = names.clean(name, "connection")
    return {"name": cleaned, "name_key": names.key(cleaned)}


def _checked_url(api_url: str, practice: bool) -> str:
    url = api_url.strip().rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username):
        raise InputError("The API's URL must look like https://us6.api.mailchimp.com.")
    if practice and not _is_here(parts.hostname or ""):
        raise InputError("A practice connection must lead to this machine, such as 127.0.0.1.")
    return url


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
