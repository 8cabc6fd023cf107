"""What a run sends, laid out in batches before the first one goes.

Files in the run's directory, made once and then only read:

- ``held.parquet``: contacts of the plan whose fate is no longer safe; never sent. When a run is
  resumed, ``held_later.parquet`` adds to them.
- ``upserts.parquet``: bodies in sending order, one row group a batch, so that any batch can be
  read on its own.
- ``untags.parquet`` and ``archives.parquet``: likewise, tags to take off and members to archive.
- ``layout.json``: one entry a batch; written last, so its presence says that all is there.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.runs.local import appearing, disk, scratch
from lib.runs.plan import planned
from lib.runs.sending import held, tally
from lib.runs.sending.held import NO_CARE, Care
from lib.sql import text

Kind = Literal["upsert", "untag", "archive"]

SIZES: dict[Kind, int] = {"upsert": 500, "untag": 500, "archive": 20}
"""Contacts of a batch. 500 is the most members of one call (Mailchimp Marketing API 3.0 reference);
archiving takes a call each, and a cancelled run ends within one batch."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One batch as laid out."""

    seq: int
    kind: Kind
    group: int
    """Row group in the kind's file."""
    first_ord: int
    last_ord: int
    contacts: int
    tag: str = ""
    """Tag to take off, for an untag."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All batches of a run, and how many contacts end without being sent."""

    parcels: tuple[Parcel, ...]
    settled: dict[str, int]
    """Contacts by outcome that are not upserted: unchanged, suppressed, held back, and so on."""
    moved: int
    """Members that changed in Mailchimp since the plan was made, and are sent all the same."""
    held: int
    """Contacts that are not sent because their fate is no longer safe."""

    @property
    def upserts(self) -> int:
        """Contacts that are upserted."""
        return sum(parcel.contacts for parcel in self.parcels if parcel.kind == "upsert")


def lay_out(
    plan: Path,
    snapshot: Path | None,
    directory: Path,
    care: Care = NO_CARE,
) -> Layout:
    """Lay a plan out in batches, or return the layout that is there already.

    Args:
        plan: plan.parquet.
        snapshot: the audience as of now; None when it has not moved.
        directory: of the run.
        care: what else holds a contact back.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    ready = directory / "layout.json"
    if ready.exists():
        return read_layout(directory)
    with scratch(directory) as db:
        _views(db, plan, snapshot, care, directory)
        if care.since is not None:
            held.hold_changed(db, care.since, care.fields)
        with appearing(directory / "held.parquet") as path:
            db.table("held").order("ord").write_parquet(str(path))
        parcels = _write_all(db, directory)
        moved = tally.moved(db, plan) if snapshot is not None else 0
        layout = Layout(
            parcels, tally.settled(db), moved, tally.number(db, "select count(*) from held")
        )
    with disk(), appearing(ready) as path:
        path.write_text(json.dumps(asdict(layout)), "utf-8")
    return layout


def read_layout(directory: Path) -> Layout:
    """Read the layout of a run that has been laid out.

    Raises:
        StorageError: it is missing or unreadable.
    """
    with disk():
        said = json.loads((directory / "layout.json").read_text("utf-8"))
    parcels = tuple(Parcel(**one) for one in said.pop("parcels"))
    return Layout(parcels=parcels, **said)


def hold_back(
    plan: Path,
    snapshot: Path,
    directory: Path,
    care: Care = NO_CARE,
    *,
    unanswered: Collection[int],
    doubtful: Collection[int] = (),
) -> int:
    """Write ``held_later.parquet``: who must not be sent any more when a run is resumed.

    Args:
        plan: plan.parquet.
        snapshot: the audience as of now.
        directory: of the run, which has been laid out.
        care: what else holds a contact back.
        unanswered: numbers of the batches without an answer.
        doubtful: numbers of the unanswered batches that may have been applied, so that whoever is
            as they make a contact is so because of them.

    Returns:
        How many contacts were added to those held back from the beginning.
    """
    with scratch(directory) as db:
        _views(db, plan, snapshot, care, directory)
        db.from_parquet(str(directory / "held.parquet")).create_view("before")
        held.name_batches(db, directory, unanswered, doubtful)
        held.release(db)
        if care.since is not None:
            held.hold_changed(db, care.since, care.fields, again=True)
        with appearing(directory / "held_later.parquet") as path:
            db.execute(f"create view later as {_LATER}")
            db.table("later").order("ord").write_parquet(str(path))
        return tally.number(db, "select count(*) from later")


_LATER = "select * from held semi join unanswered using (ord) anti join before using (ord)"


_OPEN = "select p.* from plan p anti join held h on h.ord = p.ord"
# Who joined by themselves since the plan is a member as others are: see ``body.member``.
_UPSERTS = """
select p.ord, p.email, p.member_id, p.fate,
  case when p.fate = 'added' and n.status <> 'archived' then regexp_replace(
    p.body, '"status_if_new":"[a-z]+"', '"status_if_new":"transactional"') else p.body end as body,
  coalesce(n.status <> 'archived', false) as known
from open_plan p left join now n on n.member_id = p.member_id
where p.fate in ('added', 'updated') order by p.ord
"""
# Mailchimp does not tell tags apart by case.
_TAGS = """
select min(tag) as tag from (select unnest(tags_remove) as tag from open_plan)
group by lower(tag) order by tag
"""
_UNTAGS = """
select ord, email, member_id, fate from open_plan
where list_contains(list_transform(tags_remove, lambda t: lower(t)), lower(?)) order by ord
"""
_ARCHIVES = """
select ord, email, member_id, fate from open_plan
where fate = 'left' and reason = 'archive' order by ord
"""


def _views(
    db: duckdb.DuckDBPyConnection,
    plan: Path,
    snapshot: Path | None,
    care: Care,
    directory: Path,
) -> None:
    """Name the plan, the audience as of now, who is held back, and what is left to do."""
    planned.view(db, plan)
    if snapshot is None:
        db.execute("create view now as select member_id, status_before as status from plan")
        held.hold(db, nobody=True)
    else:
        db.execute(f"create view now as from read_parquet({text(str(snapshot))})")
        held.hold(db)
        held.hold_filled(db, care.kept)
        held.hold_wanted(db, care, directory)
    db.execute(f"create view open_plan as {_OPEN}")


def _write_all(db: duckdb.DuckDBPyConnection, directory: Path) -> tuple[Parcel, ...]:
    tags = [str(row[0]) for row in db.execute(_TAGS).fetchall()]
    parcels = _write(db, directory, "upsert", {"": _UPSERTS}, 0)
    parcels += _write(db, directory, "untag", dict.fromkeys(tags, _UNTAGS), len(parcels))
    parcels += _write(db, directory, "archive", {"": _ARCHIVES}, len(parcels))
    return tuple(parcels)


def _write(
    db: duckdb.DuckDBPyConnection, directory: Path, kind: Kind, queries: dict[str, str], first: int
) -> list[Parcel]:
    parcels: list[Parcel] = []
    file: pq.ParquetWriter | None = None
    with appearing(directory / f"{kind}s.parquet") as path, ExitStack() as stack:
        for tag, query in queries.items():
            reader = db.sql(query, params=[tag] if tag else []).to_arrow_reader(SIZES[kind] * 40)
            for cut in _cut(reader, SIZES[kind]):
                seq = first + len(parcels)
                rows = cut.append_column("seq", pa.array([seq] * cut.num_rows, pa.int32()))
                if file is None:
                    # Statistics of bodies would be as large as the bodies.
                    file = pq.ParquetWriter(path, rows.schema, write_statistics=False)
                    stack.enter_context(file)
                file.write_table(rows, row_group_size=SIZES[kind])
                parcels.append(_parcel(rows, kind, tag, seq, len(parcels)))
        if file is None:
            path.touch()
    return parcels


def _parcel(rows: pa.Table, kind: Kind, tag: str, seq: int, group: int) -> Parcel:
    ords = rows["ord"]
    return Parcel(seq, kind, group, ords[0].as_py(), ords[-1].as_py(), rows.num_rows, tag)


def _cut(reader: pa.RecordBatchReader, size: int) -> Iterator[pa.Table]:
    """Cut a stream into batches of so many rows, the last one shorter."""
    rest = reader.schema.empty_table()
    for part in reader:
        rows = pa.concat_tables([rest, pa.Table.from_batches([part])])
        whole = rows.num_rows - rows.num_rows % size
        yield from (rows.slice(start, size) for start in range(0, whole, size))
        rest = rows.slice(whole)
    if rest.num_rows:
        yield rest
