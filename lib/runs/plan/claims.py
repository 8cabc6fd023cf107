# ruff: noqa: S608 - the queries are made of constants
"""Claims: whom each export wants in an audience, so that no other one takes them out of it.

An export that shares its audience tells with every plan whom it wants, sent or not: who is in
Mailchimp already, as the export wants them, is never sent and wanted all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.contacts.plan import PARQUET
from lib.runs.local import disk, scratch
from lib.runs.orders import WORKER
from lib.settings import Settings
from lib.sql import text
from lib.store import exports
from lib.store.database import Store
from lib.store.exports import Export

_FILE = "claim.parquet"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom another export wants in an audience."""

    path: Path
    """Parquet of ``member_id, segments``, the names of its segments in small letters."""
    gives_tags: bool
    """It wants them to have the names of its segments as tags."""


def stake(store: Store, export: Export, plan: Path, directory: Path) -> None:
    """Keep whom an export wants, in the stead of whom it wanted before.

    It costs a tenth of making the plan, and nothing where no other export goes to the audience. It
    is written beside the plan first, as two plans of one export may be made at once.

    Args:
        store: where the exports are.
        export: of the plan.
        plan: plan.parquet.
        directory: of the export in this audience.

    Raises:
        StorageError: the disk is full.
    """
    kept = directory / _FILE
    if not _others(store, export.id, export.audience_id):
        with disk():
            kept.unlink(missing_ok=True)
        return
    with scratch(plan.parent) as db:
        fresh = plan.with_name(_FILE)
        db.from_parquet(str(plan)).create_view("plan")
        db.execute(f"copy ({_WANTED}) to {text(str(fresh))} ({PARQUET})")
        directory.mkdir(parents=True, exist_ok=True)
        fresh.replace(kept)


def of_others(
    store: Store, settings: Settings, export_id: str, audience_id: str
) -> tuple[Claim, ...]:
    """Return the claims of all other exports to an audience, over whatever connection."""
    return tuple(
        Claim(path, one.options.tag_segments)
        for one in _others(store, export_id, audience_id)
        for path in sorted((settings.exports_dir / one.id).glob(f"*/{audience_id}/{_FILE}"))
    )


def _others(store: Store, export_id: str, audience_id: str) -> list[Export]:
    """Return the other exports to an audience.

    Mailchimp gives no two audiences the same ID, so one is told by it alone. An export that is
    switched off or detached may be wanted again, and keeps its claim until it is removed.
    """
    found = exports.all(store, WORKER)
    return [one for one in found if one.id != export_id and one.audience_id == audience_id]


def name(db: duckdb.DuckDBPyConnection, claims: Sequence[Claim], known: Sequence[str] = ()) -> None:
    """Name ``claimed``: the members that others want, with the tags they want them to have.

    Args:
        db: the connection.
        claims: of the others.
        known: names of segments whose members are known as of now; that another export found
            somebody in them before says nothing.
    """
    found = " union all ".join(
        f"select member_id, segments, {one.gives_tags} as gives_tags"
        f" from read_parquet({text(str(one.path))})"
        for one in claims
    )
    listed = ", ".join(text(one.lower()) for one in known)
    db.execute(f"create view claims as {found or _NONE}")
    others = f" where segment not in ({listed})" if listed else ""
    db.execute(f"create view claimed as {_CLAIMED}{others} group by member_id")


_WANTED = """
select member_id, list_transform("segments", lambda s: lower(s)) as segments from plan
where member_id is not null and fate in ('added', 'updated', 'unchanged')
"""
_NONE = "select '' as member_id, []::varchar[] as segments, false as gives_tags limit 0"
_CLAIMED = """
select member_id, list(segment) filter (gives_tags) as tags
from (select member_id, gives_tags, unnest(segments) as segment from claims)"""
