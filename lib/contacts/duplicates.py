# ruff: noqa: S608 - names are quoted
"""Several profiles with one address: which of them is the contact."""

from lib.sql import ident


def resolved(contacts: str, *, alike: bool = False) -> str:
    """Return the ``with`` terms of ``resolved``, the contacts with duplicates told apart.

    The profile that lacks the fewest required values wins, then the one with most values, then
    the lowest key (shorter first, so that numbers count as numbers). ``winner`` is its key for
    the others and NULL for itself and for everybody else; the winner has the segments of all.

    Args:
        contacts: relation that select_contacts made.
        alike: all have the same segments, so that there is nothing to bring together.
    """
    name = ident(contacts)
    together = "" if alike else ' replace (coalesce(v.together, c."segments") as "segments")'
    # Numbers tell sooner than addresses who can have a rival at all; only those are looked at.
    return f"""shared as materialized (
  select mark from {name} where mark is not null group by mark having count(*) > 1
),
rivals as materialized (
  select seq, "key", lower(email) as address, "segments", row_number() over (
    partition by address order by len(lacks), filled desc, length("key"), "key") as place
  from {name} where mark in (from shared)
),
groups as (
  select address, min("key") filter (place = 1) as first_key,
    list_sort(list_distinct(flatten(list("segments")))) as together
  from rivals group by address having count(*) > 1
),
verdicts as (
  select seq, case when place > 1 then first_key end as winner,
    case when place = 1 then together end as together
  from rivals join groups using (address)
),
resolved as (
  select c.* exclude (mark){together}, v.winner
  from {name} c left join verdicts v on v.seq = c.seq
)"""
