"""One batch as it is journalled: its states, and what it adds to the counters of its run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BatchState(StrEnum):
    """How far a batch is."""

    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    IN_DOUBT = "in_doubt"


P, S, A, D = BatchState
NEXT: Mapping[BatchState, frozenset[BatchState]] = {
    P: frozenset({S}),
    S: frozenset({S, A, D, P}),
    A: frozenset(),
    D: frozenset({D, A}),
}
"""Which state may follow which. A batch in doubt stays so, even sent again, until answered."""
OPEN = (P, S, D)
UPSERT = "upsert"


@dataclass(frozen=True, slots=True)
class Range:
    """A batch to be: contacts of a plan whose ``ord`` is from first to last, both included."""

    first_ord: int
    last_ord: int
    contacts: int
    kind: str = UPSERT
    """Only upserts count as outcomes of contacts; others (tags, archiving) are extra calls."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch."""

    run_id: str
    seq: int
    kind: str
    first_ord: int
    last_ord: int
    contacts: int
    state: BatchState
    created: int
    updated: int
    rejected: int
    in_doubt: int
    """Contacts of an answered batch that the answer did not mention."""
    sent_at: datetime | None
    attempts: int
    message: str


def share(batch: Batch) -> dict[str, int]:
    """What a batch adds to the counters of its run."""
    sent = {"sent": batch.contacts if batch.state in (A, D) else 0}
    if batch.kind != UPSERT:
        return sent
    if batch.state is D:
        return sent | {"n_in_doubt": batch.contacts}
    if batch.state is A:
        return sent | {
            "n_added": batch.created,
            "n_updated": batch.updated,
            "n_rejected": batch.rejected,
            "n_in_doubt": batch.in_doubt,
        }
    return {"n_not_sent": batch.contacts}
