"""Contacts that Mailchimp refused, with its words."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection as Db
from sqlalchemy import delete, func, insert, select

from lib.access import Action, Person, require
from lib.store import audit
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import rejections

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """One contact that Mailchimp refused."""

    email: str
    member_id: str = ""
    code: str = ""
    """Mailchimp's ``error_code``, such as ERROR_CONTACT_EXISTS."""
    message: str = ""
    field: str = ""
    field_message: str = ""
    run_id: str = ""
    """Filled in when read, as is ``seq``."""
    seq: int = 0


def page(store: Store, who: Person, run_id: str, *, limit: int = 100) -> tuple[Rejection, ...]:
    """Read the first of a run's rejections, in the order they came."""
    require(who, Action.LOOK)
    query = select(rejections).where(rejections.c.run_id == run_id)
    query = query.order_by(rejections.c.id).limit(limit)
    with store.read() as db:
        return tuple(build(Rejection, row) for row in db.execute(query).mappings())


def count(store: Store, who: Person, run_id: str) -> int:
    """Count a run's rejections."""
    require(who, Action.LOOK)
    with store.read() as db:
        return db.scalar(select(func.count()).where(rejections.c.run_id == run_id)) or 0


def stream(store: Store, who: Person, run_id: str) -> Iterator[tuple[Rejection, ...]]:
    """Read all of a run's rejections in chunks; no transaction stays open in between."""
    require(who, Action.LOOK)
    return _chunks(store, run_id)


def purge(store: Store, who: Person, email: str) -> int:
    """Delete every rejection of an address, however it was written; say how many.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(who, Action.PURGE)
    lowered = email.strip().lower()
    member_id = hashlib.md5(lowered.encode(), usedforsecurity=False).hexdigest()
    same = (func.lower(rejections.c.email) == lowered) | (rejections.c.member_id == member_id)
    with store.write() as db:
        gone = db.execute(delete(rejections).where(same)).rowcount
        # The audit log is for ever, so it must not learn the address.
        audit.record(store, db, who, "purged", "rejections", ref="", new={"deleted": gone})
    store.scrub()
    return gone


def put(db: Db, run_id: str, seq: int, found: Sequence[Rejection]) -> None:
    """Keep the rejections of a batch in the caller's transaction."""
    if found:
        given = {"run_id": run_id, "seq": seq}
        db.execute(insert(rejections), [{**asdict(one), **given} for one in found])


def _chunks(store: Store, run_id: str) -> Iterator[tuple[Rejection, ...]]:
    last = 0
    while True:
        query = select(rejections).where(rejections.c.run_id == run_id, rejections.c.id > last)
        with store.read() as db:
            rows = db.execute(query.order_by(rejections.c.id).limit(_CHUNK)).mappings().all()
        if not rows:
            return
        yield tuple(build(Rejection, row) for row in rows)
        last = rows[-1]["id"]
