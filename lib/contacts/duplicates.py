# ruff: noqa: S608 - names are quoted
"""Several profiles with one address: which of them is the contact."""

from lib.sql import ident


def resolved(contacts: str) -> str:
    """Return the ``with`` terms of ``resolved``, the contacts with duplicates told apart.

    The profile that lacks the fewest required values wins, then the one with most values, then
    the lowest key (shorter first, so that numbers count as numbers). ``winner`` is its key for
    the others and NULL for itself and for everybody else; the winner has the segments of all.

    Args:
        contacts: relation that select_contacts made.
    """
    name = ident(contacts)
    return f"""shared as materialized (
  select member_id from {name} where member_id is not null group by member_id having count(*) > 1
),
rivals as materialized (
  select *, row_number() over (
    partition by member_id order by len(lacks), filled desc, length("key"), "key") as place
  from {name} semi join shared using (member_id)
),
groups as (
  select member_id, min("key") filter (place = 1) as first_key,
    list_sort(list_distinct(flatten(list("segments")))) as together
  from rivals group by member_id
),
resolved as (
  select *, cast(null as varchar) as winner from {name} anti join shared using (member_id)
  union all by name
  select r.* exclude (place, "segments"),
    case when place = 1 then together else r."segments" end as "segments",
    case when place > 1 then first_key end as winner
  from rivals r join groups using (member_id)
)"""
