# ruff: noqa: S608 - the queries are made of constants
"""What an export learns from its runs: whom it added, and whom Mailchimp refuses for good."""

from pathlib import Path

import duckdb

from lib.mailchimp.member import SHOWN_TAGS
from lib.runs.local import appearing, disk, scratch
from lib.runs.plan import planned


def learn(directory: Path, plan: Path, run: Path) -> None:
    """Add what a run found out; learning from the same run twice changes nothing.

    Writes ``owned.parquet`` (member_id, tags: members this export added and still has, with the
    tags it gave them; only whom Mailchimp itself called new, and nobody who was away in between, as
    who comes back does so by themselves), ``refused.parquet`` (member_id, code,
    message) and ``given.parquet`` (member_id, tags: what this export gave to members with more tags
    than Mailchimp shows).

    Args:
        directory: of the export in this audience.
        plan: plan.parquet of the run.
        run: directory of the run, with its outcomes.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    with disk():
        directory.mkdir(parents=True, exist_ok=True)
    with scratch(directory) as db:
        planned.view(db, plan)
        db.from_parquet(str(run / "outcomes.parquet")).create_view("outcomes")
        seen = run / "seen.parquet"
        if seen.exists():
            db.from_parquet(str(seen)).create_view("seen")
        still = _STILL if seen.exists() else ""
        _renew(db, directory / "owned.parquet", _OWNED.format(still=still), _NO_OWNED)
        _renew(db, directory / "refused.parquet", _REFUSED, _NO_REFUSED)
        past = run / "past.parquet"
        if past.exists():
            db.from_parquet(str(past)).create_view("past")
            _renew(db, directory / "given.parquet", _GIVEN, _NO_OWNED)


def _renew(db: duckdb.DuckDBPyConnection, path: Path, query: str, none: str) -> None:
    """Write the file anew from what it held and what the run found out."""
    name = f"{path.stem}_before"
    if path.exists():
        db.from_parquet(str(path)).create_view(name)
    else:
        db.sql(none).create_view(name)
    with appearing(path) as fresh:
        db.sql(query).write_parquet(str(fresh))


_NO_OWNED = "select '' as member_id, []::varchar[] as tags limit 0"
_NO_REFUSED = "select '' as member_id, '' as code, '' as message limit 0"
# Somebody else may have added who turns out to be there after a lost answer, or in its stead.
_OWNED = """
with ended as (
  select p.member_id, o.outcome, o.code, p.fate, p.reason, p.tags_add
  from plan p join outcomes o on o.ord = p.ord where p.member_id is not null
),
gone as (
  select member_id from ended
  where fate = 'left' and reason = 'archive' and code <> 'undone' and outcome = 'left'
),
still as (
  from owned_before{still}
),
fresh as (
  select member_id, tags_add as tags from ended
  where outcome = 'added' and fate = 'added' and code not in ('answered_updated', 'read_back')
  union all by name
  select e.member_id, e.tags_add as tags from ended e semi join still b
    on b.member_id = e.member_id where e.outcome in ('added', 'updated')
)
select member_id, list_sort(list_distinct(flatten(list(tags)))) as tags
from (from still union all by name from fresh)
where member_id not in (from gone) group by member_id
"""
_STILL = """
  where member_id in (
    select member_id from seen where status in ('subscribed', 'transactional', 'pending'))"""

# A page shows some tags of a member only, so what we gave may be held and not show.
_GIVEN = f"""
with ended as (
  select p.member_id, o.outcome, o.code, p.tags_add, p.tags_remove from plan p
  join outcomes o on o.ord = p.ord join past on past.member_id = p.member_id
  where len(past.tags) >= {SHOWN_TAGS}
),
all_given as (
  select member_id, list_distinct(flatten(list(tags))) as tags from (
    from given_before
    union all by name
    select member_id, tags_add as tags from ended
    where outcome in ('added', 'updated') and len(tags_add) > 0
  ) group by member_id
),
taken as (
  select member_id, list_transform(flatten(list(tags_remove)), lambda t: lower(t)) as tags
  from ended where outcome in ('added', 'updated', 'left') and code <> 'undone'
  group by member_id
)
select g.member_id, list_sort(list_filter(g.tags, lambda t:
  not list_contains(coalesce(t_.tags, []), lower(t)))) as tags
from all_given g left join taken t_ on t_.member_id = g.member_id
"""

# These texts mean the address itself (Mailchimp answers seen by several projects); a refusal for a
# missing value or for too many sign-ups may be cured.
_REFUSED = """
select member_id, any_value(code) as code, any_value(message) as message from (
  select p.member_id, o.code, o.message from plan p join outcomes o on o.ord = p.ord
  where o.outcome = 'rejected' and (contains(o.message, 'permanently deleted')
    or contains(o.message, 'looks fake or invalid')
    or contains(o.message, 'provide a valid email address'))
  union all by name from refused_before
) group by member_id
"""
