# ruff: noqa: S608 - the query is made of constants
"""Making a plan: the members of an export's segments become contacts, and contacts a plan.

Files appear in ``<runs>/plans/<plan id>/``: plan.parquet, snapshot.parquet (the audience the plan
was made against, kept for undo) and plan.json. The directory takes its name only when all of them
are whole.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from lib.contacts import counts as counting
from lib.contacts.counts import PlanCounts
from lib.contacts.options import OnLeave
from lib.contacts.plan import PARQUET, select_plan
from lib.mailchimp.member import SHOWN_TAGS
from lib.runs.audience import definitions
from lib.runs.local import appearing_directory, disk, keep, scratch
from lib.runs.plan import claims, fingerprint, gathering
from lib.runs.plan.wish import Progress, Wish
from lib.sql import text
from lib.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Made:
    """A plan that was made."""

    directory: Path
    counts: PlanCounts
    fingerprint: str
    warehouse_version: str
    snapshot_at: datetime
    note: str = ""
    """What else to know of it, in words for people."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience as of a moment."""

    path: Path
    taken_at: datetime
    note: str = ""
    """What to know of it, in words for people."""


def make_plan(
    warehouse: Warehouse,
    wish: Wish,
    refresh: Callable[[], Audience],
    directory: Path,
    *,
    progress: Progress = lambda phase, share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Made:
    """Make a plan; a plan that was made before in this directory is replaced.

    Args:
        warehouse: where the segments' members are read.
        wish: what is to be planned.
        refresh: brings the local copy of the audience up to date.
        directory: where the plan is to be.
        progress: told what is going on.
        cancelled: asked now and then.

    Raises:
        SqlError: a segment that does not run any more.
        MatchingError: the matching cannot feed this audience.
        MailchimpError: the audience cannot be read.
        StorageError: the disk is full; nothing half-made is kept.
        CancelledError: a person pressed cancel.
    """
    with appearing_directory(directory) as fresh, scratch(fresh, time_zone=wish.time_zone) as db:
        version = warehouse.version()
        profiles = gathering.gather(db, warehouse, wish, progress, cancelled)
        progress("Reading the audience", -1.0)
        audience = refresh()
        gathering.stop(cancelled)
        progress("Comparing contacts with the audience", -1.0)
        counts = _plan(db, wish, fresh, audience)
        seal = fingerprint.of_plan(wish, version, audience.taken_at, fresh / "plan.parquet")
        made = Made(directory, counts, seal.hash, version, audience.taken_at, audience.note)
        _describe(fresh, made, seal, wish, profiles)
    return made


def _plan(
    db: duckdb.DuckDBPyConnection, wish: Wish, directory: Path, audience: Audience
) -> PlanCounts:
    keep(audience.path, directory / "snapshot.parquet")
    _name_snapshot(db, directory / "snapshot.parquet", _named(db, "given", wish.given))
    query = select_plan(
        wish.matching,
        wish.fields,
        wish.options,
        owned=_name_owned(db, wish, directory),
        known_rejections=_named(db, "known_rejections", wish.refused),
        alike=bool(wish.only_segment),
    )
    path = text(str(directory / "plan.parquet"))
    db.execute(f"copy ({query.text}) to {path} ({PARQUET})", list(query.params))
    db.execute(f"create view plan as from read_parquet({path})")
    rows = db.execute(counting.select_counts("plan").text).fetchall()
    return counting.counted(rows, limit=wish.limit)


def _name_snapshot(db: duckdb.DuckDBPyConnection, path: Path, given: str | None) -> None:
    """Name the audience, with the tags that we know of and that Mailchimp does not show."""
    if given is None or not db.sql(f"from {given} limit 1").fetchall():
        db.from_parquet(str(path)).create_view("snapshot")
        return
    db.from_parquet(str(path)).create_view("shown")
    db.execute(
        "create view snapshot as select s.* replace (case when len(s.tags) >= "
        f"{SHOWN_TAGS} and g.tags is not null then list_distinct(list_concat(s.tags, g.tags)) "
        f"else s.tags end as tags) from shown s left join {given} g on g.member_id = s.member_id"
    )


def _name_owned(db: duckdb.DuckDBPyConnection, wish: Wish, directory: Path) -> str | None:
    """Name whom the export added, with the tags that no other export gives them."""
    if wish.options.on_leave == OnLeave.NOTHING or not _named(db, "added_once", wish.owned):
        return None
    claims.name(db, wish.claims, "from added_once", directory)
    db.execute(f"create table owned as {_OWNED}")
    return "owned"


_OWNED = """
select o.member_id, c.member_id is not null as wanted,
  list_filter(o.tags, lambda t: not list_contains(coalesce(c.tags, []), lower(t))) as tags
from added_once o left join claimed c on c.member_id = o.member_id
"""


def _named(db: duckdb.DuckDBPyConnection, name: str, path: Path | None) -> str | None:
    if path is None or not path.exists():
        return None
    db.from_parquet(str(path)).create_view(name)
    return name


def _describe(
    directory: Path, made: Made, seal: fingerprint.Seal, wish: Wish, profiles: int
) -> None:
    said = {
        **asdict(seal),
        "profiles": profiles,
        "types": {field.tag: field.type for field in wish.fields},
        "definitions": definitions.to_json(definitions.of(wish.fields)),
        "kept": [match.tag for match in wish.matching.fields if match.keep_filled],
        "counts": asdict(made.counts),
        "warehouse_version": made.warehouse_version,
        "snapshot_at": made.snapshot_at.isoformat(),
    }
    with disk():
        (directory / "plan.json").write_text(json.dumps(said, indent=1), "utf-8")
