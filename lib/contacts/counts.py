# ruff: noqa: S608 - names and literals are quoted
"""What a plan comes to: how many contacts of each fate, and what it would cost to carry out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lib.contacts.fates import Fate
from lib.sql import Sql, ident

BATCH = 500
"""Most members of one call (Mailchimp Marketing API 3.0 reference, lists, batch subscribe)."""


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """Counts of a plan; the fates but ``left`` add up to ``contacts``."""

    contacts: int
    """Distinct profiles the plan is about."""
    fates: Mapping[str, int]
    """Contacts by fate, every fate present."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Contacts by reason, without the empty one."""
    over_limit: int = 0
    """How many profiles there are more than one export may have."""
    calls: int = 0
    """Calls to Mailchimp it would take to send it."""


def select_counts(plan: str = "plan") -> Sql:
    """Return SQL for the rows ``what, name, n`` that ``counted`` reads.

    Args:
        plan: relation with the plan.
    """
    name = ident(plan)
    return Sql(
        f"select 'fate' as what, fate as name, count(*) as n from {name} group by fate\n"
        f"union all select 'reason', reason, count(*) from {name}\n"
        "  where reason <> '' group by reason\n"
        f"union all select 'untag', lower(tag), count(*) from (select unnest(tags_remove) as tag\n"
        f"  from {name} where len(tags_remove) > 0) group by lower(tag)\n"
        "order by what, name"
    )


def counted(rows: Iterable[tuple[str, str, int]], *, limit: int) -> PlanCounts:
    """Make the counts from the rows of select_counts.

    Args:
        rows: ``what, name, n``.
        limit: most distinct profiles one export may have.
    """
    by: dict[str, dict[str, int]] = {"fate": {}, "reason": {}, "untag": {}}
    for what, name, n in rows:
        by[what][name] = n
    fates = {fate.value: by["fate"].get(fate.value, 0) for fate in Fate}
    contacts = sum(n for fate, n in fates.items() if fate != Fate.LEFT)
    sendable = fates[Fate.ADDED] + fates[Fate.UPDATED]
    calls = _calls(sendable) + sum(_calls(n) for n in by["untag"].values())
    calls += by["reason"].get("archive", 0)
    return PlanCounts(contacts, fates, by["reason"], max(0, contacts - limit), calls)


def _calls(members: int) -> int:
    return -(-members // BATCH)
