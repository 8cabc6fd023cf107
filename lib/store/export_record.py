"""One export as it is kept: its row, its segments, and what may be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, Select, delete, insert, select

from lib import cron
from lib.contacts.matching import Matching
from lib.contacts.options import Options
from lib.errors import InputError, NotFoundError
from lib.store import guard, names, segments, wire
from lib.store.guard import Guard
from lib.store.rows import build
from lib.store.tables import connections, export_segments, exports

SCHEDULE_OFF = "off"
"""A schedule of an export that runs by hand only; empty follows the refresh, else it is cron."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export."""

    id: str
    name: str
    connection_id: str | None
    """None while detached."""
    connection_name: str
    connection_shared: bool
    """Contributors may use its connection or, while detached, could use the one it had."""
    audience_id: str
    audience_name: str
    matching: Matching
    options: Options
    segment_ids: tuple[str, ...]
    """In the order chosen."""
    schedule: str
    """Empty: with every refresh; ``off``: by hand; else a cron expression."""
    active: bool
    revision: int
    """Grows with every change that makes earlier plans out of date."""
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    guard: Guard = guard.USUAL
    rules_approved_by: str | None = None
    """Who let it run by itself; kept when that lapsed, None when it was withdrawn."""
    rules_approved_at: datetime | None = None
    rules_approved_revision: int | None = None

    @property
    def rules_approved(self) -> bool:
        """Whether a person let it run by itself, as it is now."""
        return self.rules_approved_revision == self.revision

    @property
    def rules_lapsed(self) -> bool:
        """Whether that was so until somebody changed it, one of its segments or its rails."""
        return self.rules_approved_by is not None and not self.rules_approved

    @property
    def follows(self) -> bool:
        """Whether it runs with the refresh, having no schedule of its own."""
        return not self.schedule


def find(db: Db, ref: str) -> Export:
    """Find one by name or id.

    Raises:
        NotFoundError: none goes by it.
    """
    row = db.execute(_select().where(names.named(exports, ref))).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no export “{ref}”.")
    return _export(row, _chosen(db, row["id"]).get(row["id"], ()))


def rows(db: Db) -> tuple[Export, ...]:
    """Read all by name."""
    found = db.execute(_select().order_by(exports.c.name_key)).mappings().all()
    chosen = _chosen(db)
    return tuple(_export(row, chosen.get(row["id"], ())) for row in found)


def choose(db: Db, export_id: str, refs: Sequence[str]) -> None:
    """Give an export its segments, in this order.

    Raises:
        InputError: none are given.
        NotFoundError: one of them does not exist.
    """
    chosen = list(dict.fromkeys(segments.find(db, ref).id for ref in refs))
    if not chosen:
        raise InputError("Choose at least one segment for the export.")
    db.execute(delete(export_segments).where(export_segments.c.export_id == export_id))
    rows = [
        {"export_id": export_id, "segment_id": segment_id, "position": position}
        for position, segment_id in enumerate(chosen)
    ]
    db.execute(insert(export_segments), rows)


def _chosen(db: Db, export_id: str = "") -> dict[str, tuple[str, ...]]:
    query = select(export_segments).order_by(export_segments.c.export_id, "position")
    if export_id:
        query = query.where(export_segments.c.export_id == export_id)
    found: dict[str, tuple[str, ...]] = {}
    for row in db.execute(query):
        found[row.export_id] = (*found.get(row.export_id, ()), row.segment_id)
    return found


def _select() -> Select[*tuple[Any, ...]]:
    return select(
        exports,
        connections.c.name.label("connection_name"),
        connections.c.shared.label("connection_shared"),
    ).outerjoin(connections, connections.c.id == exports.c.connection_id)


def _export(row: RowMapping, segment_ids: tuple[str, ...]) -> Export:
    return build(
        Export,
        row,
        connection_name=row["connection_name"] or "",
        connection_shared=bool(row["connection_shared" if row["connection_id"] else "was_shared"]),
        matching=wire.matching_from(row["matching"]),
        options=wire.options_from(row["options"]),
        segment_ids=segment_ids,
        guard=guard.read(row["guard"]),
    )


def values(
    *,
    name: str | None,
    audience_id: str | None,
    audience_name: str | None,
    matching: Matching | None,
    options: Options | None,
    schedule: str | None,
) -> dict[str, Any]:
    """Columns of what is given.

    Raises:
        InputError: it may not be kept.
    """
    values: dict[str, Any] = {}
    if name is not None:
        cleaned = names.clean(name, "export")
        values |= {"name": cleaned, "name_key": names.key(cleaned)}
    if audience_id is not None:
        values["audience_id"] = _required(audience_id, "Choose an audience, or type its ID.")
    if audience_name is not None:
        values["audience_name"] = audience_name.strip()
    if matching is not None:
        _required(matching.email, "Choose the column that holds the email address.")
        values["matching"] = wire.from_matching(matching)
    if options is not None:
        values["options"] = wire.from_options(options)
    if schedule is not None:
        values["schedule"] = checked_schedule(schedule)
    return values


def checked_schedule(schedule: str) -> str:
    """Return a schedule with one spelling: empty, ``off`` or cron.

    Raises:
        InputError: it is no cron, never comes, or comes too often.
    """
    given = schedule.strip()
    return given if given in {"", SCHEDULE_OFF} else cron.check(given)


def _required(text: str, sentence: str) -> str:
    if not text.strip():
        raise InputError(sentence)
    return text.strip()
