# ruff: noqa: S608 - names and literals are quoted
"""Contacts of a plan that are not sent because something happened since it was made.

They stand in the table ``held`` (ord, member_id, outcome, code, message) of a connection that has
the views ``plan`` and ``now``, the audience.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.contacts import values
from lib.contacts.fields import MergeField
from lib.runs.local import scratch
from lib.runs.plan import claims
from lib.runs.plan.claims import Claim
from lib.sql import ident, text


@dataclass(frozen=True, slots=True)
class Care:
    """What holds a contact back besides being out of reach."""

    since: Path | None = None
    """The audience as of the plan, when all whom somebody changed since then are held back."""
    fields: Sequence[MergeField] = ()
    """Those that the plan is about."""
    kept: Sequence[MergeField] = ()
    """Fields that are never overwritten once they are filled."""
    claims: Sequence[Claim] = ()
    """Whom other exports want."""


NO_CARE = Care()
"""Only who is out of reach is held back."""


def hold(db: duckdb.DuckDBPyConnection, *, nobody: bool = False) -> None:
    """Make the table, with whoever is out of reach or removed since the plan.

    Args:
        db: the connection.
        nobody: make it empty, as the audience has not moved.
    """
    db.execute(f"create table held as {_UNREACHABLE}{' and false' if nobody else ''}")


def hold_changed(
    db: duckdb.DuckDBPyConnection,
    since: Path,
    fields: Sequence[MergeField],
    *,
    again: bool = False,
) -> None:
    """Hold back all whom somebody changed since this snapshot.

    Args:
        db: the connection.
        since: the audience as of the plan.
        fields: those that the plan is about.
        again: some may have been sent, and are as they are because of us. Places in the plan
            (``ord``) of batches with an answer stand in ``answered``, and their last calls may
            follow. Those in ``doubtful`` are held back unless they hold just what was sent.
    """
    db.from_parquet(str(since)).create_view("since")
    moved = " or ".join(["n.last_changed > s.last_changed", *map(_moved, fields)])
    ours = " and ".join([_TAGGED, *map(_as_sent, fields)])
    free = f" and not (p.fate = 'updated' and ({_SENT} or {_DOUBTFUL} and {ours}))" if again else ""
    db.execute(f"{_CHANGED} and ({moved}){free}")


def hold_filled(db: duckdb.DuckDBPyConnection, kept: Sequence[MergeField]) -> None:
    """Hold back all with another value now in one of these fields, which are never overwritten."""
    if kept:
        db.execute(f"{_FILLED} and ({' or '.join(map(_filled, kept))})")


def hold_wanted(db: duckdb.DuckDBPyConnection, care: Care, directory: Path) -> None:
    """Hold back from the archive all whom another export wants by now."""
    if care.claims:
        claims.name(db, care.claims, f"select p.member_id from plan p {_TO_ARCHIVE}", directory)
        db.execute(_WANTED)


def name_batches(
    db: duckdb.DuckDBPyConnection,
    directory: Path,
    unanswered: Collection[int],
    doubtful: Collection[int],
) -> None:
    """Name the places in the plan (``ord``) by what may have become of their batches.

    Args:
        db: the connection.
        directory: of the run, which has been laid out.
        unanswered: numbers of the batches without an answer.
        doubtful: those of them that may have been applied.
    """
    paths = [directory / f"{kind}.parquet" for kind in ("upserts", "untags", "archives")]
    laid = [str(path) for path in paths if path.stat().st_size]
    source = db.from_parquet(laid, union_by_name=True) if laid else db.sql(_NONE_LAID)
    source.select("ord", "seq").create_view("laid")
    for name, which, seqs in (
        ("unanswered", "in", unanswered),
        ("answered", "not in", unanswered),
        ("doubtful", "in", doubtful),
    ):
        found = f"select distinct ord from laid where seq {which} (select unnest(?::integer[]))"
        db.execute(f"create table {name} as {found}", [sorted(seqs)])


_NONE_LAID = "select 0::bigint as ord, 0::integer as seq limit 0"


def release(db: duckdb.DuckDBPyConnection) -> None:
    """Let go of those whom a batch in ``doubtful`` gave the status they have now."""
    db.execute(f"delete from held where ord in ({_OURS} join doubtful using (ord))")


def count_as(code: str, directory: Path) -> int:
    """Count the contacts of a run that are held back for this reason."""
    with scratch(directory) as db:
        files = text(str(directory / "held*.parquet"))
        ((number,),) = db.execute(
            f"select count(distinct ord) from read_parquet({files}) where code = ?", [code]
        ).fetchall()
    return int(number)


def _moved(field: MergeField) -> str:
    """Return SQL telling that a field that is to be written holds something else than planned for.

    ``last_changed`` alone does not tell: it has whole seconds.
    """
    tag = ident(field.tag)
    held = f"nullif(n.merge[{text(field.tag)}], '')"
    return f"(p.new.{tag} is not null and {held} is distinct from p.old.{tag})"


def _as_sent(field: MergeField) -> str:
    """Return SQL telling that a field holds what was sent, or that nothing was; '' empties it."""
    new, held = f"p.new.{ident(field.tag)}", f"coalesce(n.merge[{text(field.tag)}], '')"
    same = f"coalesce({values.same(field, new, held)}, false)"
    return f"case when {new} is null then true when {new} = '' then {held} = '' else {same} end"


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
# An audience with double opt-in may ask whom we gave as subscribed to confirm.
_OURS = """
select p.ord from plan p join now n on n.member_id = p.member_id and (
  (p.status_before is null and (n.status = p.status_given
    or (p.status_given = 'subscribed' and n.status = 'pending')))
  or (p.fate = 'left' and p.reason = 'archive' and n.status = 'archived'))
"""
_CHANGED = """
insert into held
select p.ord, p.member_id, 'not_sent' as outcome, 'changed_since' as code,
  'Changed since the plan was made.' as message
from plan p join now n on n.member_id = p.member_id join since s on s.member_id = p.member_id
anti join held h on h.ord = p.ord
where p.fate in ('added', 'updated', 'left')
"""
_TO_ARCHIVE = "where p.fate = 'left' and p.reason = 'archive'"
_WANTED = f"""
insert into held
select p.ord, p.member_id, 'not_sent' as outcome, 'wanted_since' as code,
  'Wanted by another export since the plan was made, and not archived.' as message
from plan p semi join claimed c on c.member_id = p.member_id
anti join held h on h.ord = p.ord
{_TO_ARCHIVE}
"""
_SENT = "p.ord in (select ord from answered)"
_DOUBTFUL = "p.ord in (select ord from doubtful)"
_TAGGED = """len(list_filter(p.tags_add, lambda t: not list_contains(
  list_transform(n.tags, lambda h: lower(h)), lower(t)))) = 0"""
# A value that is the same as ours may be ours already: the run may be on its way a second time.
_FILLED = """
insert into held
select p.ord, p.member_id, 'not_sent' as outcome, 'filled_since' as code,
  'Has a value since the plan in a field that is never overwritten; plan again.' as message
from plan p join now n on n.member_id = p.member_id anti join held h on h.ord = p.ord
where p.fate in ('added', 'updated')
"""
