"""The journal of one run, as a push writes it: the store's batches, with what answers said."""

from lib.runs.sending.answers import Answer
from lib.runs.sending.layout import Layout
from lib.store import batches
from lib.store.batches import BatchState, Range
from lib.store.database import Store
from lib.store.rejections import Rejection


class Journal:
    """Writes batches of one run, from any thread."""

    def __init__(self, store: Store, run_id: str, layout: Layout) -> None:
        self._store = store
        self._run = run_id
        self._parcels = {parcel.seq: parcel for parcel in layout.parcels}
        ranges = [
            Range(parcel.first_ord, parcel.last_ord, parcel.contacts, parcel.kind)
            for parcel in layout.parcels
        ]
        batches.plan(store, run_id, ranges)

    def open(self) -> frozenset[int]:
        """Return the numbers of the batches without an answer."""
        return frozenset(batch.seq for batch in batches.open_batches(self._store, self._run))

    def sent(self, seq: int) -> None:
        """Write that it is about to be sent."""
        batches.mark_sent(self._store, self._run, seq)

    def answered(self, seq: int, answer: Answer) -> None:
        """Write what became of its contacts, rejections included, in one transaction."""
        parcel = self._parcels[seq]
        upsert, refused = parcel.kind == "upsert", len(answer.rejections)
        batches.mark_answered(
            self._store,
            self._run,
            seq,
            created=answer.counts.get("added", 0) if upsert else 0,
            updated=answer.counts.get("updated", 0) if upsert else parcel.contacts - refused,
            rejections=[
                Rejection(r.email, r.member_id, r.code, r.message, r.field, r.field_message)
                for r in answer.rejections
            ],
        )

    def doubted(self, seq: int, message: str) -> None:
        """Write that its reply was lost: it may have been applied."""
        batches.mark_in_doubt(self._store, self._run, seq, message)

    def unsent(self, seq: int, message: str) -> None:
        """Write that Mailchimp did not take it, for certain."""
        batches.mark_unsent(self._store, self._run, seq, message)

    def doubt_left_over(self) -> None:
        """Put in doubt what a worker sent that ended before the answer came."""
        for batch in batches.open_batches(self._store, self._run):
            if batch.state is BatchState.SENT:
                batches.mark_in_doubt(self._store, self._run, batch.seq)
