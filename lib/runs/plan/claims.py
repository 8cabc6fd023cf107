# ruff: noqa: S608 - names and literals are quoted
"""Claims: whom each export wants in an audience, so that no other one takes them out of it.

An export tells with every plan whom it has in its segments, sent or not: who is in Mailchimp
already as the export wants them, or cannot be written to now, is not sent and wanted all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.contacts.plan import PARQUET
from lib.errors import StorageError
from lib.runs.local import disk, keep, scratch
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
    """Parquet of ``member_id, segments``, the names of its segments."""
    export: str
    """Its name."""
    gives_tags: bool
    """It wants them to have the names of its segments as tags."""


def stake(plan: Path, directory: Path) -> None:
    """Keep whom an export wants, in the stead of whom it wanted before: a tenth of a plan's work.

    It is written beside the plan first, as two plans of one export may be made at once.

    Args:
        plan: plan.parquet.
        directory: of the export in this audience.

    Raises:
        StorageError: the disk is full.
    """
    fresh, kept = plan.with_name(_FILE), directory / _FILE
    with scratch(plan.parent) as db:
        db.from_parquet(str(plan)).create_view("plan")
        db.execute(f"copy ({_WANTED}) to {text(str(fresh))} ({PARQUET})")
        directory.mkdir(parents=True, exist_ok=True)
        fresh.replace(kept)
        # What it wanted over a connection that it had before.
        for other in directory.parent.parent.glob(f"*/{directory.name}/{_FILE}"):
            if other != kept:
                other.unlink(missing_ok=True)


def of_others(
    store: Store, settings: Settings, export_id: str, audience_id: str
) -> tuple[Claim, ...]:
    """Return the claims of all other exports to an audience, over whatever connection.

    Mailchimp gives no two audiences the same ID, so one is told by it alone. An export that is
    switched off or detached may be wanted again, and keeps its claim until it is removed.
    """
    return tuple(
        Claim(path, one.name, one.options.tag_segments)
        for one in exports.all(store, WORKER)
        if one.id != export_id and one.audience_id == audience_id
        for path in sorted((settings.exports_dir / one.id).glob(f"*/{audience_id}/{_FILE}"))
    )


def name(
    db: duckdb.DuckDBPyConnection, claims: Sequence[Claim], members: str, directory: Path
) -> None:
    """Make the table ``claimed``: of some members those that others want, and with which tags.

    Args:
        db: the connection.
        claims: of the others.
        members: SQL giving ``member_id``, to keep what is read small.
        directory: for links to the claims, which may be replaced any moment.

    Raises:
        StorageError: a claim cannot be read.
    """
    db.execute("create table claimed_once (member_id varchar, tags varchar[])")
    with disk(), TemporaryDirectory(prefix=".claims-", dir=directory) as links:
        for number, one in enumerate(claims):
            link = Path(links) / f"{number}.parquet"
            keep(one.path, link)
            _require_whole(link, one)
            tags = "segments" if one.gives_tags else "[]"
            query = f"select member_id, {tags} from read_parquet({text(str(link))})"
            db.execute(f"insert into claimed_once {query} semi join ({members}) using (member_id)")
    db.execute(f"create table claimed as {_CLAIMED}")


def _require_whole(path: Path, claim: Claim) -> None:
    try:
        pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        raise StorageError(
            f"Whom the export “{claim.export}” wants in this audience cannot be read: make a plan "
            "of it, then try again."
        ) from None


_WANTED = """
select member_id, "segments" from plan
where member_id is not null and fate not in ('left', 'duplicate')
"""
_CLAIMED = """
select member_id, list_distinct(list_transform(flatten(list(tags)), lambda t: lower(t))) as tags
from claimed_once group by member_id
"""
