"""News: what changed in an audience since its snapshot, newest first, merged into it."""

import shutil
from pathlib import Path

import pyarrow as pa

from lib.mailchimp.member import MemberPage
from lib.runs.audience import merging
from lib.runs.audience.marks import Mark, Marks, mark_of
from lib.runs.audience.pages import PASSES, Reader

SETTLE_S = 3.0
"""Seconds after which the newest second is over, by a Date header that may be a second late."""


class News:
    """The news of one refresh.

    Args:
        reader: reads pages.
        snapshot: what is known so far; ``merge`` brings it up to date.
        heads: the newest page of each pass, or of the first passes only.
        known: up to where each of them is known.
    """

    def __init__(
        self, reader: Reader, snapshot: Path, heads: tuple[MemberPage, ...], known: Marks
    ) -> None:
        self._reader = reader
        self._snapshot = snapshot
        self._heads = list(heads)
        self._known = known
        self.gaps: tuple[int, ...] = ()
        """How many members more than Mailchimp counts there are in each pass, once merged."""
        self._directory = snapshot.parent / "changes"

    def marks(self) -> Marks:
        """Up to where each pass is known now."""
        return tuple(map(mark_of, self._heads))

    def merge(self) -> bool:
        """Merge what changed; False when the counts then disagree with Mailchimp's totals."""
        shutil.rmtree(self._directory, ignore_errors=True)
        for place, mark in enumerate(self._known):
            self._read(place, mark)
        closed = bool(self._known) and all(mark.closed for mark in self._known)
        merging.merge(self._snapshot, self._heads, self._directory, closed=closed)
        shutil.rmtree(self._directory, ignore_errors=True)
        held = merging.totals(self._snapshot)
        self.gaps = tuple(n - head.total for n, head in zip(held, self._heads, strict=False))
        return not any(self.gaps)

    def _read(self, place: int, mark: Mark) -> None:
        """Look one page further, and when that is not enough, read everything since the mark."""
        status = PASSES[place]
        if merging.reaches(self._snapshot, self._heads[place], mark):
            return
        further = self._reader.newest(status, self._heads[place].rows.num_rows)
        self._heads[place] = _longer(self._heads[place], further)
        if merging.reaches(self._snapshot, self._heads[place], mark):
            return
        if not mark_of(self._heads[place]).closed:
            # Read once nothing can join the newest second any more; the next refresh is then short.
            self._reader.sleep(SETTLE_S)
            self._heads[place] = self._reader.newest(status)
        self._reader.store(status, self._directory / (status or "default"), mark.since)


def _longer(head: MemberPage, further: MemberPage) -> MemberPage:
    # The total and the clock are the earlier ones: what happened since is the next refresh's.
    return MemberPage(head.total, pa.concat_tables([head.rows, further.rows]), head.at)
