# ruff: noqa: S608 - the queries are made of constants
"""Comparing what was sent with what Mailchimp holds now."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.contacts import values
from lib.contacts.fields import MergeField
from lib.mailchimp.member import SHOWN_TAGS
from lib.runs.local import appearing, scratch
from lib.runs.plan import planned
from lib.runs.sending.checking import said
from lib.runs.sending.outcomes import ANSWER
from lib.sql import ident, text

EXAMPLES = 20
"""Differences a receipt shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that Mailchimp holds otherwise than sent; the profile's key tells whose."""

    key: str
    what: str
    """A merge tag, ``tags``, ``status`` or ``member``."""
    sent: str
    held: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a read-back found about the contacts that were added or updated, or that left."""

    equal: int
    different: int
    examples: tuple[Difference, ...] = ()

    def __str__(self) -> str:
        """A sentence when there is something to say."""
        if not self.different:
            return ""
        return (
            f"Read back: {self.different:,} of {self.equal + self.different:,} contacts are held"
            " otherwise than sent; the receipt names examples."
        )


def settle_doubts(plan: Path, now: Path, directory: Path) -> None:
    """Find out about contacts in doubt, and write ``settled.parquet``.

    Args:
        plan: plan.parquet.
        now: the audience as of now.
        directory: of the run, with its outcomes.
    """
    with scratch(directory) as db:
        _views(db, plan, now, directory)
        with appearing(directory / "settled.parquet") as path:
            db.sql(_SETTLED).write_parquet(str(path))


def verified(plan: Path, now: Path, directory: Path) -> Verified:
    """Compare everybody whom the run touched, and write ``differences.parquet``.

    Who was added must have the status that was sent, who was updated the one of before, and who
    left must be archived or without the tags.
    """
    with scratch(directory) as db:
        _views(db, plan, now, directory)
        path = directory / "differences.parquet"
        with appearing(path) as fresh:
            db.sql(_DIFFERENCES).write_parquet(str(fresh))
        differences = db.from_parquet(str(path))
        differences.create_view("differences")
        ((written, different),) = db.execute(_TOTALS).fetchall()
        examples = db.execute("from differences order by ord, what limit ?", [EXAMPLES]).fetchall()
    found = tuple(Difference(str(k), str(w), str(s), str(h)) for _, k, w, s, h in examples)
    return Verified(int(written) - int(different), int(different), found)


def untagged(plan: Path, now: Path, directory: Path) -> bool:
    """Say whether tags that were sent did not arrive, and write ``untagged.parquet`` (tag, email).

    Nothing is compared again unless ``verified`` found that, or somebody in doubt may lack tags
    only. Who unsubscribed or was archived meanwhile is left alone.
    """
    path = directory / "untagged.parquet"
    with scratch(directory) as db:
        for name in ("differences", "settled"):
            db.from_parquet(str(directory / f"{name}.parquet")).create_view(name)
        ((suspected,),) = db.execute(_SUSPECTED).fetchall()
        if not suspected:
            return False
        _views(db, plan, now, directory)
        with appearing(path) as fresh:
            db.sql(_UNTAGGED).write_parquet(str(fresh))
        ((found,),) = db.from_parquet(str(path)).aggregate("count(*)").fetchall()
    return bool(found)


def _views(db: duckdb.DuckDBPyConnection, plan: Path, now: Path, directory: Path) -> None:
    planned.view(db, plan)
    db.from_parquet(str(now)).create_view("now")
    outcomes = directory / "outcomes.parquet"
    db.from_parquet(str(outcomes)).select("ord, outcome, code").create_view("outcomes")
    past = directory / "past.parquet"
    found = db.from_parquet(str(past if past.exists() else now))
    found.select("member_id, status").create_view("past")
    db.sql(_held_query(plan)).create_view("held")


def _held_query(plan: Path) -> str:
    """Return SQL giving, per contact, what was sent and what is held, as lists by tag."""
    types = said(plan.parent).get("types", {})
    tags = [tag for tag in planned.matched(plan) if tag in types]
    differs = ", ".join(_differs(tag, types[tag]) for tag in tags)
    return (
        "select p.ord, p.key, p.email, p.fate, p.reason, p.member_id,\n"
        "  n.member_id is not null as there, n.status, p.status_before, p.status_given,\n"
        "  coalesce(p.status_before = 'archived' and n.status = 'archived', false) as kept,\n"
        f"  list_filter([{differs}], lambda d: d is not null) as wrong,\n"
        # Of a member with more tags than a page shows, nobody can say which one lacks.
        f"  case when len(n.tags) >= {SHOWN_TAGS} then [] else"
        " list_filter(p.tags_add, lambda t: not list_contains("
        "list_transform(n.tags, lambda h: lower(h)), lower(t))) end as lacking,\n"
        "  list_filter(p.tags_remove, lambda t: list_contains("
        "list_transform(n.tags, lambda h: lower(h)), lower(t))) as clinging\n"
        "from plan p left join now n on n.member_id = p.member_id\n"
        "where p.fate in ('added', 'updated', 'left')"
    )


def _differs(tag: str, kind: str) -> str:
    sent, held = f"p.new.{ident(tag)}", f"n.merge[{text(tag)}]"
    field = MergeField(tag, tag, kind)  # type: ignore[arg-type]
    return (
        f"case when {sent} is not null and not coalesce({values.same(field, sent, held)}, false)"
        f" then {{what: {text(tag)}, sent: {sent}, held: coalesce({held}, '')}} end"
    )


# A contact whose values are all there was written; of one that is not, nothing was applied. Whether
# Mailchimp takes a member out of the archive for ``status_if_new`` is not certain, and its answer
# does not tell.
_KEPT = "Mailchimp kept this member archived."
_HELD = "The answer was lost; Mailchimp holds the contact as sent."
_NOT_HELD = "The answer was lost; Mailchimp does not hold the contact as sent."
_OFF = "Its tags are off, as reading back found."
_NOT_OFF = "Its tags were not taken off, as reading back found."
_SETTLED = f"""
select null::integer as seq, h.ord, 'suppressed' as outcome, 'still_archived' as code,
  {text(_KEPT)} as message, '' as field, '' as field_message
from held h join outcomes o on o.ord = h.ord
where h.kept and (o.outcome in ('added', 'in_doubt') or o.code in ('still_archived', 'read_back'))
union all by name
select null::integer as seq, h.ord,
  case when h.there and h.status <> 'archived' and len(h.wrong) = 0 and len(h.lacking) = 0
    then h.fate else 'not_sent' end as outcome,
  'read_back' as code,
  case when h.there and h.status <> 'archived' and len(h.wrong) = 0 and len(h.lacking) = 0
    then {text(_HELD)}
    else {text(_NOT_HELD)} end as message,
  '' as field, '' as field_message
from held h join outcomes o on o.ord = h.ord
where (o.outcome = 'in_doubt' or o.code = 'read_back') and not h.kept and h.fate <> 'left'
union all by name
select null::integer as seq, h.ord,
  case when len(h.clinging) = 0 then 'left' else 'rejected' end as outcome, 'read_back' as code,
  case when len(h.clinging) = 0 then {text(_OFF)}
    else {text(_NOT_OFF)} end as message,
  '' as field, '' as field_message
from held h join outcomes o on o.ord = h.ord
where h.fate = 'left' and o.code in ('unconfirmed', 'read_back')
order by ord
"""
assert all(name in _SETTLED for name in ANSWER.names)

# Nearly everybody is as they should be, so that few are looked up as they were at the check.
_DIFFERENCES = """
with ended as (
  select h.* replace (case when o.code = 'tag_gone' then [] else clinging end as clinging),
    o.outcome, case o.outcome when 'added' then status_given
    when 'updated' then status_before end as due
  from held h join outcomes o on o.ord = h.ord
  where o.outcome in ('added', 'updated') or (o.outcome = 'left' and o.code <> 'undone')
),
odd as (
  from ended where len(lacking) > 0 or len(wrong) > 0 or len(clinging) > 0 or case outcome
    when 'left' then reason = 'archive' and there and status <> 'archived'
    else not there or status is distinct from due end
),
sent as (from odd where outcome <> 'left')
select ord, key, 'member' as what, 'in the audience' as sent, 'not there' as held
from sent where not there
union all by name
select ord, key, 'member' as what, 'archived' as sent, status as held
from odd where outcome = 'left' and reason = 'archive' and there and status <> 'archived'
union all by name
select ord, key, 'status' as what, due as sent, status as held
from sent where there and outcome = 'added' and status <> due
union all by name
select o.ord, o.key, 'status' as what, b.status as sent, o.status as held
from sent o join past b on b.member_id = o.member_id
where o.there and o.outcome = 'updated' and o.status is distinct from o.due
  and o.status <> b.status
union all by name
select ord, key, 'tags' as what, array_to_string(lacking, ', ') as sent, '' as held
from sent where there and len(lacking) > 0
union all by name
select ord, key, 'tags' as what, '' as sent, array_to_string(clinging, ', ') as held
from odd where there and len(clinging) > 0
union all by name
select ord, key, d.what, d.sent, d.held from (
  select ord, key, unnest(wrong) as d from sent where there
)
"""
_SUSPECTED = """
select exists(from differences where what = 'tags' and sent <> '')
  or exists(from settled where code = 'read_back' and outcome = 'not_sent')
"""
# Mailchimp does not tell tags apart by case.
_UNTAGGED = """
select min(tag) over (partition by lower(tag)) as tag, email from (
  select h.ord, h.email, unnest(h.lacking) as tag from held h join outcomes o on o.ord = h.ord
  where h.there and h.status in ('subscribed', 'transactional', 'pending')
    and (o.outcome in ('added', 'updated')
      or (o.outcome = 'not_sent' and o.code = 'read_back' and len(h.wrong) = 0))
) order by lower(tag), ord
"""
_TOTALS = """
select (
    select count(*) from outcomes
    where outcome in ('added', 'updated') or (outcome = 'left' and code <> 'undone')
  ),
  (select count(distinct ord) from differences)
"""
