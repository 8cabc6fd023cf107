"""The audit log: who did what to what, and when; append-only, each entry sealing those before."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from lib.access import Action, Person, require
from lib.store.database import Store
from lib.store.rows import build
from lib.store.tables import audit, audit_head


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done."""

    seq: int
    at: datetime
    who: str
    origin: str
    verb: str
    noun: str
    ref: str
    """Id of what it was done to."""
    name: str
    """Its name at that time."""
    old: str
    """JSON object of what changed, before; empty when it was made. Secrets are masked."""
    new: str
    """JSON object of what changed, after; empty when it was removed."""
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries to look at; everything that is given narrows them."""

    noun: str = ""
    by: str = ""
    search: str = ""
    """Part of any word of an entry: who, what, to what, from where, values."""
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What the database is asked."""
        wanted: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (audit.c.noun, self.noun),
                (audit.c.who, self.by),
            )
            if value
        ]
        if self.since is not None:
            wanted.append(audit.c.at >= self.since)
        if self.until is not None:
            wanted.append(audit.c.at < self.until)
        if self.search:
            words = [audit.c[name].icontains(self.search, autoescape=True) for name in _WORDS]
            wanted.append(or_(*words))
        return wanted


_WORDS = ("who", "verb", "noun", "name", "origin", "old", "new")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole log found."""

    entries: int
    broken_at: int | None
    """Number of the first entry that was changed, removed or put in; None when all is well."""
    hash: str = field(default="", compare=False)
    """Of the last entry: kept outside with its number, it shows later that none was cut off."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entry as somebody outside remembers it."""

    seq: int
    hash: str


def record(
    store: Store,
    db: Connection,
    who: Person | str,
    verb: str,
    noun: str,
    *,
    ref: str,
    name: str = "",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry in the caller's transaction; of ``old`` and ``new`` only what differs."""
    old, new = _difference(old, new)
    head = db.execute(select(audit_head).with_for_update()).one()
    values: dict[str, Any] = {
        "seq": head.seq + 1,
        "at": store.clock().astimezone(UTC),
        "who": who if isinstance(who, str) else who.email,
        "origin": store.origin,
        "verb": verb,
        "noun": noun,
        "ref": ref,
        "name": name,
        "old": _canonical(old) if old else "",
        "new": _canonical(new) if new else "",
        "prev": head.hash,
    }
    values["hash"] = _seal(values)
    db.execute(insert(audit).values(values))
    db.execute(update(audit_head).values(seq=values["seq"], hash=values["hash"]))


def entries(
    store: Store,
    who: Person,
    *,
    noun: str = "",
    by: str = "",
    search: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 200,
) -> tuple[Entry, ...]:
    """Read entries, newest first; every argument given narrows them.

    Raises:
        ForbiddenError: the person may not read the audit log.
    """
    require(who, Action.READ_AUDIT)
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    query = query.where(*Filter(noun, by, search, since, until).conditions())
    with store.read() as db:
        return tuple(build(Entry, row) for row in db.execute(query).mappings())


def stream(store: Store, who: Person, chosen: Filter | None = None) -> Iterator[tuple[Entry, ...]]:
    """Read the log in chunks, oldest first, whole unless narrowed.

    No transaction stays open in between.

    Raises:
        ForbiddenError: the person may not read the audit log.
    """
    require(who, Action.READ_AUDIT)
    return _chunks(store, (chosen or Filter()).conditions())


def known(store: Store, who: Person) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List who did anything, and the kinds of things it was done to.

    Raises:
        ForbiddenError: the person may not read the audit log.
    """
    require(who, Action.READ_AUDIT)
    with store.read() as db:
        people, nouns = (
            tuple(db.scalars(select(column).distinct().order_by(column)))
            for column in (audit.c.who, audit.c.noun)
        )
    return people, nouns


def verify(store: Store, who: Person, expect: Anchor | None = None) -> Verdict:
    """Recompute every seal, and compare the last with the one kept apart.

    Whoever can write the database can cut entries off, or seal others, and move what is kept apart
    along; only an anchor from outside shows that.

    Raises:
        ForbiddenError: the person may not read the audit log.
    """
    require(who, Action.READ_AUDIT)
    count, prev = 0, ""
    with store.read() as db:
        for row in db.execute(select(audit).order_by(audit.c.seq)).mappings():
            entry = asdict(build(Entry, row))
            sealed = entry.pop("hash")
            if entry["seq"] != count + 1 or entry["prev"] != prev or _seal(entry) != sealed:
                return Verdict(count, count + 1)
            count, prev = count + 1, sealed
            if expect is not None and count == expect.seq and sealed != expect.hash:
                return Verdict(count, count)
        head = db.execute(select(audit_head)).one()
    whole = (head.seq, head.hash) == (count, prev) and (expect is None or count >= expect.seq)
    return Verdict(count, None if whole else count + 1, prev)


def _chunks(store: Store, conditions: Sequence[ColumnElement[bool]]) -> Iterator[tuple[Entry, ...]]:
    last = 0
    while True:
        query = select(audit).where(audit.c.seq > last, *conditions)
        query = query.order_by(audit.c.seq).limit(5_000)
        with store.read() as db:
            found = tuple(build(Entry, row) for row in db.execute(query).mappings())
        if not found:
            return
        yield found
        last = found[-1].seq


def _difference(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    if old is None or new is None:
        return old, new
    keys = [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]
    return {key: old.get(key) for key in keys}, {key: new.get(key) for key in keys}


def _canonical(values: Mapping[str, Any]) -> str:
    """JSON with one spelling: sorted keys, no spaces, moments in ISO 8601."""
    return json.dumps(
        values,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
    )


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(values).encode()).hexdigest()
