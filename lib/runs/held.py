# ruff: noqa: S608 - names and literals are quoted
"""Contacts of a plan that are not sent because something happened since it was made.

They stand in the table ``held`` (ord, member_id, outcome, code, message) of a connection that has
the views ``plan`` and ``now``, the audience.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from lib.contacts import values
from lib.contacts.fields import MergeField
from lib.runs.local import scratch
from lib.sql import ident, text


def hold(db: duckdb.DuckDBPyConnection, *, nobody: bool = False) -> None:
    """Make the table, with whoever is out of reach or removed since the plan.

    Args:
        db: the connection.
        nobody: make it empty, as the audience has not moved.
    """
    db.execute(f"create table held as {_UNREACHABLE}{' and false' if nobody else ''}")


def hold_changed(db: duckdb.DuckDBPyConnection, since: Path) -> None:
    """Hold back all whom Mailchimp changed since this snapshot."""
    db.from_parquet(str(since)).create_view("since")
    db.execute(_CHANGED)


def hold_filled(db: duckdb.DuckDBPyConnection, kept: Sequence[MergeField]) -> None:
    """Hold back all with another value now in one of these fields, which are never overwritten."""
    if kept:
        db.execute(f"{_FILLED} and ({' or '.join(map(_filled, kept))})")


def release(db: duckdb.DuckDBPyConnection, upserts: Path, doubtful: Collection[int]) -> None:
    """Let go of those whom a batch that may have been applied gave the status they have now."""
    if doubtful and upserts.stat().st_size:
        db.from_parquet(str(upserts)).create_view("upserts")
        db.execute(_OURS, [list(doubtful)])


def count_as(code: str, directory: Path) -> int:
    """Count the contacts of a run that are held back for this reason."""
    with scratch(directory) as db:
        files = text(str(directory / "held*.parquet"))
        ((number,),) = db.execute(
            f"select count(distinct ord) from read_parquet({files}) where code = ?", [code]
        ).fetchall()
    return int(number)


def _filled(field: MergeField) -> str:
    """Return SQL telling that a field got another value than the one that would be sent."""
    new, held = f"p.new.{ident(field.tag)}", f"n.merge[{text(field.tag)}]"
    same = f"coalesce({values.same(field, new, held)}, false)"
    return f"({new} is not null and coalesce({held}, '') <> '' and not {same})"


# Whoever became unreachable keeps the status that says so; who was removed for good is not added
# again, as nobody said yes to that. Somebody who signed up meanwhile may be written to.
_UNREACHABLE = """
select p.ord, p.member_id,
  case when n.member_id is null then 'not_sent' else 'suppressed' end as outcome,
  case when n.member_id is null then 'removed' else n.status end as code,
  case when n.member_id is null then 'Removed from the audience since the plan was made.'
    else 'Became ' || n.status || ' since the plan was made.' end as message
from plan p left join now n on n.member_id = p.member_id
where p.fate in ('added', 'updated', 'left') and n.status is distinct from p.status_before
  and not coalesce(n.status in ('subscribed', 'transactional'), false)
"""
_OURS = """
delete from held where ord in (
  select p.ord from plan p join now n on n.member_id = p.member_id
  join upserts u on u.ord = p.ord
  where u.seq in (select unnest(?::integer[])) and p.status_before is null
    and n.status = json_extract_string(p.body, '$.status_if_new')
)
"""
_CHANGED = """
insert into held
select p.ord, p.member_id, 'not_sent' as outcome, 'changed_since' as code,
  'Changed since the plan was made.' as message
from plan p join now n on n.member_id = p.member_id join since s on s.member_id = p.member_id
anti join held h on h.ord = p.ord
where p.fate in ('added', 'updated', 'left') and n.last_changed > s.last_changed
"""
# A value that is the same as ours may be ours already: the run may be on its way a second time.
_FILLED = """
insert into held
select p.ord, p.member_id, 'not_sent' as outcome, 'filled_since' as code,
  'Has a value since the plan in a field that is never overwritten; plan again.' as message
from plan p join now n on n.member_id = p.member_id anti join held h on h.ord = p.ord
where p.fate in ('added', 'updated')
"""
