"""One connection as it is kept, who may see how much of it, and what may be kept."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection as Db
from sqlalchemy import select

from lib import loopback
from lib.access import Action, Person, Role, require
from lib.errors import ForbiddenError, InputError, NotFoundError, RefusedError
from lib.store import names
from lib.store.rows import build
from lib.store.tables import connections, exports

WITHDRAWN = (
    "Consent for the connection “{}” was withdrawn, so nothing is sent: an administrator can agree "
    "again."
)


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
    """Who agreed that data may leave for Mailchimp; None once withdrawn, or where none is asked."""
    agreed_at: datetime | None = None
    """Since when data may leave; None once that was withdrawn."""
    agreed_terms: str = ""
    """The wording agreed to, or that none is needed; empty once withdrawn."""
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


def find(db: Db, ref: str) -> Connection:
    """Find one by name or id, whole, whoever asks.

    Raises:
        NotFoundError: none goes by it.
    """
    row = db.execute(select(connections).where(names.named(connections, ref))).mappings().first()
    if row is None:
        raise unknown(ref)
    return build(Connection, row)


def rows(db: Db) -> list[Connection]:
    """Read all by name, whole, whoever asks."""
    found = db.execute(select(connections).order_by(connections.c.name_key)).mappings()
    return [build(Connection, row) for row in found]


def unknown(ref: str) -> NotFoundError:
    """Say the same whether it does not exist or may not be seen."""
    return NotFoundError(f"There is no connection “{ref}” that you may see.")


def used_by(db: Db, connection_id: str) -> tuple[str, ...]:
    """Names of the exports that use it."""
    query = select(exports.c.name).where(exports.c.connection_id == connection_id)
    return tuple(db.scalars(query.order_by(exports.c.name_key)))


def visible(who: Person, connection: Connection) -> bool:
    """Say whether the person may know of it: administrators, contributors when shared."""
    if who.role is Role.CONTRIBUTOR:
        return connection.shared
    return who.role is Role.ADMINISTRATOR


def shown(who: Person, whole: Connection) -> Connection:
    """Leave what the person may see of it."""
    if who.role is Role.ADMINISTRATOR:
        return whole
    return Connection(whole.id, whole.name, shared=whole.shared, practice=whole.practice)


def require_use(who: Person, connection: Connection) -> None:
    """Let administrators pass, and contributors when the connection is shared.

    Raises:
        ForbiddenError: for everybody else.
    """
    require(who, Action.EDIT_EXPORTS)
    if not visible(who, connection):
        raise ForbiddenError(
            f"The connection “{connection.name}” is not shared with contributors. "
            "Ask an administrator to share it."
        )


def require_manage(db: Db, who: Person, export_id: str) -> None:
    """Let pass who may use the connection of an export or, of a detached one, could use it.

    Raises:
        ForbiddenError: for everybody else.
    """
    columns = (exports.c.name, exports.c.connection_id, exports.c.was_shared)
    found = db.execute(select(*columns).where(exports.c.id == export_id)).first()
    if found is None:
        return  # what is left of an export that is gone leads nowhere
    if found.connection_id is not None:
        require_use(who, find(db, found.connection_id))
    elif who.role is not Role.ADMINISTRATOR and not found.was_shared:
        raise ForbiddenError(
            f"The connection that was taken away from the export “{found.name}” was not shared "
            "with contributors. Ask an administrator to give it another."
        )


def require_consent(connection: Connection) -> None:
    """Let pass while somebody agrees that data leave through it.

    Raises:
        RefusedError: consent was withdrawn.
    """
    if connection.agreed_at is None:
        raise RefusedError(WITHDRAWN.format(connection.name))


def require_agreed(db: Db, export_id: str) -> None:
    """Let an export pass while somebody agrees that data leave through its connection.

    Raises:
        RefusedError: consent was withdrawn.
    """
    connection_id = db.scalar(select(exports.c.connection_id).where(exports.c.id == export_id))
    if connection_id is not None:
        require_consent(find(db, connection_id))


def named(name: str) -> dict[str, str]:
    """Columns of a name that may be kept.

    Raises:
        InputError: it may not.
    """
    cleaned = names.clean(name, "connection")
    return {"name": cleaned, "name_key": names.key(cleaned)}


def checked_url(api_url: str, *, practice: bool) -> str:
    """Trim the URL of the API.

    Raises:
        InputError: it is none, or leads off this machine without encryption or from a practice
            connection.
    """
    url = api_url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise _no_url() from None
    if url and (parts.scheme not in {"http", "https"} or not host or parts.username):
        raise _no_url()
    if practice and not loopback.is_here(host):
        raise InputError("A practice connection must lead to this machine, such as 127.0.0.1.")
    if parts.scheme == "http" and not loopback.is_here(host):
        raise InputError(
            "The API's URL must begin with https://: over http:// everybody on the way could read"
            " the key."
        )
    return url


def _no_url() -> InputError:
    return InputError("The API's URL must look like https://us6.api.mailchimp.com.")
