"""Mailchimp's own totals of a run, beside ours, with every difference named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.runs.local import scratch
from lib.runs.sending.layout import Layout
from lib.runs.sending.outcomes import BatchState, views


@dataclass(frozen=True, slots=True)
class Totals:
    """What Mailchimp's answers to the upserts of a run add up to."""

    created: int
    updated: int
    rejected: int
    differences: tuple[str, ...] = ()
    """Why these are not the outcomes Muster counts, in sentences."""

    @property
    def words(self) -> str:
        """All of it as one text."""
        said = f"{self.created:,} created, {self.updated:,} updated, {self.rejected:,} rejected."
        return " ".join([said, *self.differences])


def told(plan: Path, directory: Path, batches: Sequence[BatchState], layout: Layout) -> Totals:
    """Add up what Mailchimp said of each contact.

    Args:
        plan: plan.parquet.
        directory: of the run, with its outcomes.
        batches: its journal.
        layout: of the run.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    with scratch(directory) as db:
        views(db, plan, directory, batches, layout)
        db.from_parquet(str(directory / "outcomes.parquet")).create_view("outcomes")
        rows = db.execute(_SAID).fetchall()
    return added_up({(str(said), str(outcome)): int(n) for said, outcome, n in rows})


def added_up(counts: Mapping[tuple[str, str], int]) -> Totals:
    """Make the totals of contacts by what Mailchimp said and what Muster counts."""
    sums = dict.fromkeys(("added", "updated", "rejected"), 0)
    differences = []
    for (said, outcome), n in sorted(counts.items()):
        if said in sums:
            sums[said] += n
        if said != outcome and (said or outcome in sums):
            known = _WORDS.get((said, outcome), _OTHER if said else _UNSAID)
            differences.append(known.format(n=f"{n:,}", said=said, outcome=outcome))
    return Totals(sums["added"], sums["updated"], sums["rejected"], tuple(differences))


_WORDS = {
    ("updated", "added"): "{n} were added by a call whose answer was lost, so that the next one"
    " said updated.",
    ("added", "suppressed"): "{n} were said to be created, but Mailchimp kept them archived.",
    ("updated", "suppressed"): "{n} were said to be updated, but Mailchimp kept them archived.",
}
_UNSAID = "{n} are {outcome} as reading back found, without an answer about them."
_OTHER = "{n} were said to be {said}, and count as {outcome}."
_SAID = """
with answered as (
  select u.ord, p.fate, a.code, a.outcome, a.ord is not null as remarked
  from upserts u join plan p on p.ord = u.ord
  join parcels b on b.seq = u.seq and b.state = 'answered'
  left join answers a on a.ord = u.ord and a.seq = u.seq
),
spoken as (
  select ord, case when not remarked then fate when code = 'answered_added' then 'added'
    when code = 'answered_updated' then 'updated' when outcome = 'rejected' then 'rejected'
    else '' end as said
  from answered
)
select coalesce(s.said, '') as said, o.outcome, count(*)
from upserts u join outcomes o on o.ord = u.ord left join spoken s on s.ord = u.ord
group by all order by all
"""
