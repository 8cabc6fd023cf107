"""Purging one person's data by address, everywhere Muster keeps any, with a receipt."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from lib.access import Action, Person, require
from lib.errors import InputError, InUseError
from lib.runs.keeping import source_purge, turns
from lib.runs.local import appearing, disk
from lib.settings import Settings
from lib.store import forgetting, rejections, runs
from lib.store import sources as kept_sources
from lib.store.database import Store

_BY_ADDRESS = ("email", "email_given")
_TELLING = ("plan.parquet", "upserts.parquet", "untags.parquet", "outcomes.parquet")
"""Files that tell whose a place in the plan is."""
PURGES = "purges"
"""Folder of the state directory with the receipts."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was purged; it does not hold the address."""

    id: str
    at: datetime
    who: str
    files: int
    """Files of runs, plans and snapshots that were written anew without the person."""
    rows: int
    rejections: int
    queries: int
    """Queries of the history that held the address."""
    segments: tuple[str, ...]
    """Names of segments whose query holds the address: they have to be changed by hand."""
    audit_entries: int
    """Entries of the audit log that hold the address; the log cannot be changed."""
    sources: tuple[str, ...] = ()
    """Sources whose own files hold the person: they have to be changed there."""
    unread: tuple[str, ...] = ()
    """Sources that could not be looked at."""
    mark: str = ""
    """Whose receipt it is: HMAC-SHA256 of the address in lower case with the secret key."""
    places: tuple[str, ...] = ()
    """Where was looked."""


PLACES = (
    "plans",
    "runs",
    "local copies of audiences",
    "converted copies of sources",
    "sources",
    "rejections",
    "history of queries",
    "segments",
    "audit log",
)


_RECEIPT = TypeAdapter(Receipt)


def purge_person(store: Store, settings: Settings, who: Person, address: str) -> Receipt:
    """Remove every trace of a person from what Muster keeps; sources and Mailchimp stay.

    Plans that held the person cannot be pushed any more; a new one can be made. Copies of sources
    lose the person until the source changes: the receipt names the sources that hold them.

    Args:
        store: where.
        settings: of this installation.
        who: an administrator.
        address: of the person, however it is spelled.

    Raises:
        ForbiddenError: not an administrator.
        InputError: that is no address.
        InUseError: a run is under way or a plan is being made, and reads the files.
        StorageError: a file cannot be read or written.
    """
    require(who, Action.PURGE)
    plain = _plain(address)
    if runs.live(store, who):
        raise InUseError("A run is under way: wait for it to end, or cancel it, then purge.")
    with turns.alone(settings):
        files, rows = _purge_files((settings.runs_dir, settings.snapshots_dir), plain)
        read = source_purge.purge(kept_sources.all(store, who), settings.state / "warehouse", plain)
    refused = rejections.purge(store, who, plain)
    told = forgetting.forget_person(store, who, plain)
    receipt = Receipt(
        id=f"prg_{secrets.token_hex(4)}",
        at=store.clock(),
        who=who.email,
        files=files + read.copies,
        rows=rows + read.rows,
        rejections=refused,
        queries=told.queries,
        segments=told.segments,
        audit_entries=told.audit_entries,
        sources=read.holding,
        unread=read.unread,
        mark=store.box.mark(PURGES, plain),
        places=PLACES,
    )
    _keep(settings.state / PURGES, receipt)
    return receipt


def receipts(
    store: Store, settings: Settings, who: Person, address: str = ""
) -> tuple[Receipt, ...]:
    """Read the receipts, newest first; of one person only where an address is given.

    Raises:
        ForbiddenError: not an administrator.
        InputError: that is no address.
        StorageError: one of them cannot be read.
    """
    require(who, Action.PURGE)
    mark = store.box.mark(PURGES, _plain(address)) if address else ""
    with disk():
        texts = [path.read_text("utf-8") for path in (settings.state / PURGES).glob("*.json")]
    found = [_RECEIPT.validate_json(one) for one in texts]
    found.sort(key=lambda one: one.at, reverse=True)
    return tuple(one for one in found if mark in {"", one.mark})


def _plain(address: str) -> str:
    plain = address.strip().lower()
    if "@" not in plain.strip("@") or " " in plain:
        raise InputError("Give the whole address of one person, such as ada@example.org.")
    return plain


def _keep(directory: Path, receipt: Receipt) -> None:
    with disk():
        directory.mkdir(mode=0o700, exist_ok=True)
        with appearing(directory / f"{receipt.id}.json") as path:
            path.write_text(json.dumps(asdict(receipt), default=str, indent=1), "utf-8")


def _purge_files(roots: tuple[Path, ...], address: str) -> tuple[int, int]:
    """Write every file anew that holds the person; return how many, and how many rows they lost."""
    changed = lost = 0
    with disk():
        folders = {path.parent for root in roots for path in root.rglob("*.parquet")}
        # What tells whose a place is goes last, so that a purge that was cut off can be repeated.
        for folder in sorted(folders, key=lambda one: (-len(one.parts), one)):
            # Answers of batches name a contact by its place in the plan of the run above them.
            ords = _ords(folder if folder.name != "answers" else folder.parent, address)
            for path in sorted(folder.glob("*.parquet"), key=lambda one: one.name in _TELLING):
                gone = _rewrite(path, address, ords)
                changed, lost = changed + bool(gone), lost + gone
    return changed, lost


def _ords(folder: Path, address: str) -> pa.Array:
    found: list[pa.ChunkedArray] = []
    for name in _TELLING:
        path = folder / name
        if path.exists() and path.stat().st_size:
            file = pq.ParquetFile(path)
            for part in _parts(file):
                found.append(part.filter(_theirs(part, address, None))["ord"])
    return pa.chunked_array(found, pa.int64()).combine_chunks().unique() if found else None


def _parts(file: pq.ParquetFile) -> Iterator[pa.Table]:
    """Read one row group after the other: batches keep their place."""
    return (file.read_row_group(place) for place in range(file.num_row_groups))


def _theirs(rows: pa.Table, address: str, ords: pa.Array | None) -> pa.Array:
    """Say of each row whether it is the person's: by address, member id, or place in the plan."""
    theirs = pa.array([False] * rows.num_rows, pa.bool_())
    for column in rows.column_names:
        if column == "member_id":
            member_id = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
            hit = pc.equal(rows[column], member_id)
        elif column in _BY_ADDRESS:
            hit = pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(rows[column])), address)
        elif column == "ord" and ords is not None and len(ords):
            hit = pc.is_in(rows[column], ords)
        else:
            continue
        theirs = pc.or_(theirs, pc.fill_null(hit, False))
    return theirs


def _rewrite(path: Path, address: str, ords: pa.Array | None) -> int:
    if not path.stat().st_size:
        return 0
    file = pq.ParquetFile(path)
    wanted = {"member_id", "ord", *_BY_ADDRESS} & set(file.schema_arrow.names)
    if not wanted or not _count(file, sorted(wanted), address, ords):
        return 0
    gone = 0
    with ExitStack() as stack:
        fresh = stack.enter_context(appearing(path))
        writer = stack.enter_context(pq.ParquetWriter(fresh, file.schema_arrow))
        for part in _parts(file):
            kept = part.filter(pc.invert(_theirs(part, address, ords)))
            writer.write_table(kept, row_group_size=max(1, kept.num_rows))
            gone += part.num_rows - kept.num_rows
    return gone


def _count(file: pq.ParquetFile, columns: list[str], address: str, ords: pa.Array | None) -> int:
    """Count the person's rows reading only what tells people apart: most files have none."""
    total = 0
    for place in range(file.num_row_groups):
        part = file.read_row_group(place, columns=columns)
        total += pc.sum(_theirs(part, address, ords)).as_py() or 0
    return total
