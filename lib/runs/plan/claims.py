# ruff: noqa: S608 - the queries are made of constants
"""Claims: whom each export wants in an audience, so that no other one takes them out of it.

An export tells with every plan whom it wants, sent or not: who is in Mailchimp already, as the
export wants them, is never sent and wanted all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.runs.local import scratch
from lib.runs.orders import WORKER
from lib.settings import Settings
from lib.sql import text
from lib.store import exports
from lib.store.database import Store

_FILE = "claim.parquet"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom another export wants in an audience."""

    path: Path
    """Parquet of ``member_id, segments``, the names of its segments in small letters."""
    gives_tags: bool
    """It wants them to have the names of its segments as tags."""


def stake(plan: Path, directory: Path) -> None:
    """Keep whom an export wants, in the stead of whom it wanted before: one pass over the plan.

    It is written beside the plan first, as two plans of one export may be made at once.

    Args:
        plan: plan.parquet.
        directory: of the export in this audience.

    Raises:
        StorageError: the disk is full.
    """
    fresh = plan.with_name(_FILE)
    with scratch(plan.parent) as db:
        db.from_parquet(str(plan)).create_view("plan")
        db.sql(_WANTED).write_parquet(str(fresh))
        directory.mkdir(parents=True, exist_ok=True)
        fresh.replace(directory / _FILE)


def of_others(
    store: Store, settings: Settings, export_id: str, audience_id: str
) -> tuple[Claim, ...]:
    """Return the claims of all other exports to an audience, over whatever connection.

    Mailchimp gives no two audiences the same ID, so one is told by it alone. An export that is
    switched off or detached may be wanted again, and keeps its claim until it is removed.
    """
    return tuple(
        Claim(path, one.options.tag_segments)
        for one in exports.all(store, WORKER)
        if one.id != export_id and one.audience_id == audience_id
        for path in sorted((settings.exports_dir / one.id).glob(f"*/{audience_id}/{_FILE}"))
    )


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
