"""What became of each contact of a run, and the counts that always add up to the plan.

A contact that needed no call ends as planned, or as it was held back. A contact in an answered
batch ends as planned unless the answer said otherwise; what it said stands in ``answers/<seq>``,
one small Parquet file per batch that had anything to say. All others were not sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from lib.runs.local import appearing, scratch
from lib.runs.sending.layout import Layout
from lib.store.tables import OUTCOMES

ANSWER = pa.schema(
    [
        ("seq", pa.int32()),
        ("ord", pa.int64()),
        ("outcome", pa.string()),
        ("code", pa.string()),
        ("message", pa.string()),
        ("field", pa.string()),
        ("field_message", pa.string()),
    ]
)
"""Columns of ``answers/<seq>.parquet``: contacts whose outcome is not the planned one, or has a
remark (then the outcome repeats the planned one). ``settled.parquet`` has them too: what a
read-back found out about contacts in doubt."""


class BatchState(Protocol):
    """What is read of a batch of the journal."""

    @property
    def seq(self) -> int:
        """Its number in the run."""
        ...

    @property
    def state(self) -> str:
        """``answered`` when Mailchimp's answer has been journalled."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Contacts by outcome."""

    outcomes: dict[str, int]

    @property
    def contacts(self) -> int:
        """All of them."""
        return sum(self.outcomes.values())


def write_outcomes(
    plan: Path, directory: Path, batches: Sequence[BatchState], layout: Layout
) -> Counts:
    """Write ``outcomes.parquet`` for download and return the counts.

    Columns: ord, key, email, email_given, member_id, segments, planned, outcome, code, message,
    field, field_message; in the plan's order.

    Args:
        plan: plan.parquet.
        directory: of the run.
        batches: its journal, as it stands.
        layout: of the run.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    with scratch(directory) as db:
        views(db, plan, directory, batches, layout)
        with appearing(directory / "outcomes.parquet") as path:
            db.sql(_OUTCOMES).write_parquet(str(path), compression="zstd")
            found = db.read_parquet(str(path)).aggregate("outcome, count(*)", "outcome").fetchall()
    return Counts(complete({str(outcome): int(contacts) for outcome, contacts in found}))


def complete(outcomes: Mapping[str, int]) -> dict[str, int]:
    """Give every outcome a number, in their order."""
    return {outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES}


def answers_dir(directory: Path) -> Path:
    """Return where a run keeps what answers said."""
    return directory / "answers"


def views(
    db: duckdb.DuckDBPyConnection,
    plan: Path,
    directory: Path,
    batches: Sequence[BatchState],
    layout: Layout,
) -> None:
    """Name the relations that tell what became of each contact."""
    done = {batch.seq for batch in batches if batch.state == "answered"}
    doubt = {batch.seq for batch in batches if batch.state in ("in_doubt", "sent")}
    db.register("parcels", _parcels(layout, done, doubt))
    db.from_parquet(str(plan)).create_view("plan")
    db.from_parquet(str(directory / "held.parquet")).create_view("held")
    _view(db, "settled", directory / "settled.parquet", ANSWER)
    said = sorted(str(path) for path in answers_dir(directory).glob("*.parquet"))
    if said:
        db.from_parquet(said).create_view("answers")
    else:
        db.register("answers", ANSWER.empty_table())
    for kind in ("upserts", "untags", "archives"):
        _view(db, kind, directory / f"{kind}.parquet", _NO_ROWS)


def _view(db: duckdb.DuckDBPyConnection, name: str, path: Path, schema: pa.Schema) -> None:
    """Name the file's columns of the schema; a file that is missing or empty has no rows."""
    if path.exists() and path.stat().st_size:
        db.from_parquet(str(path)).select(*schema.names).create_view(name)
    else:
        db.register(name, schema.empty_table())


_NO_ROWS = pa.schema([("ord", pa.int64()), ("seq", pa.int32())])


def _parcels(layout: Layout, done: set[int], doubt: set[int]) -> pa.Table:
    """Say of every batch whether it is answered, in doubt, or not sent; not of contacts."""
    states = dict.fromkeys(doubt, "in_doubt") | dict.fromkeys(done, "answered")
    seqs = [parcel.seq for parcel in layout.parcels]
    return pa.table(
        {
            "seq": pa.array(seqs, pa.int32()),
            "state": pa.array([states.get(seq, "not_sent") for seq in seqs], pa.string()),
        }
    )


# Tags and archiving are extra calls: what a contact's upsert comes to is what became of it. For who
# has left they are all there is, and who is found archived, by whomever, has left as well.
_OUTCOMES = """
with said as (
  select a.ord, any_value(a) as a from answers a join upserts u on u.ord = a.ord and u.seq = a.seq
  group by a.ord
),
extras as (select ord, seq from untags union all by name select ord, seq from archives),
undone as (
  select distinct e.ord from extras e join parcels b on b.seq = e.seq where b.state <> 'answered'
),
excepted as (
  select a.ord, arg_min(a, a.code = 'tag_gone') as a
  from answers a join extras e on e.ord = a.ord and e.seq = a.seq
  where a.code <> 'archived' group by a.ord
)
select p.ord, p.key, p.email, coalesce(p.email_given, p.email) as email_given, p.member_id,
  p.segments, p.fate as planned,
  case
    when settled.ord is not null then settled.outcome
    when h.ord is not null then h.outcome
    when u.ord is null then coalesce(x.a.outcome, p.fate)
    when b.state = 'answered' then coalesce(said.a.outcome, p.fate)
    else b.state
  end as outcome,
  coalesce(settled.code, h.code, said.a.code,
    case when undone.ord is not null or (u.ord is not null and x.a.code <> 'tag_gone')
      then 'undone' end,
    x.a.code, p.reason, '') as code,
  coalesce(settled.message, h.message, said.a.message, x.a.message,
    case when undone.ord is not null then 'Its tags were not taken off or it was not archived.' end,
    p.detail, '') as message,
  coalesce(said.a.field, '') as field,
  coalesce(said.a.field_message, '') as field_message
from plan p
left join settled on settled.ord = p.ord
left join held h on h.ord = p.ord
left join upserts u on u.ord = p.ord
left join parcels b on b.seq = u.seq
left join said on said.ord = p.ord
left join undone on undone.ord = p.ord
left join excepted x on x.ord = p.ord
order by p.ord
"""
