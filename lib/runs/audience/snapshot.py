"""Snapshot: the audience as Mailchimp holds it, kept locally as Parquet.

The first reading takes every page; later ones what changed since, newest first. Either way the
counts must agree with Mailchimp's totals, or everything is read again. So it is when merge fields
were changed, which changes the values of members who are not among the changed.
"""

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lib.contacts.fields import MergeField
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.member import MemberPage
from lib.runs.audience import bookmark, definitions, merging, whole
from lib.runs.audience.bookmark import Bookmark
from lib.runs.audience.definitions import Definitions
from lib.runs.audience.news import News
from lib.runs.audience.pages import Progress, Reader
from lib.runs.local import disk

FULL_EVERY = timedelta(days=7)
"""Members deleted for good leave no change behind, so everything is read again now and then."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The audience at one moment; ``path`` is a Parquet file in the columns of MEMBERS."""

    path: Path
    members: int
    """Rows: the archived too."""
    taken_at: datetime
    """UTC, by this machine's clock."""
    full: bool
    """It was read as a whole this time, not only what changed."""
    calls: int
    missing: int = 0
    """Members that Mailchimp counts and did not list, however often it was read."""
    surplus: int = 0
    """Members that Mailchimp listed and does not count, as it changes faster than it is read."""
    definitions: Definitions | None = None
    """Of the merge fields that its values are of; None when nobody ever asked."""

    @property
    def agrees(self) -> bool:
        """Its counts are Mailchimp's totals."""
        return not (self.missing or self.surplus)

    @property
    def doubt(self) -> str:
        """A sentence about counts that disagree; empty when they agree."""
        if self.missing:
            return (
                f"Mailchimp counts {self.missing:,} members more than it lists: if they are"
                " profiles of yours, they are taken for new here."
            )
        if self.surplus:
            return (
                f"The audience changed faster than it could be read: {self.surplus:,} members may"
                " be gone from it already."
            )
        return ""


def refresh(
    client: Mailchimp,
    audience_id: str,
    directory: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    full: bool = False,
    archived: bool = True,
    fields: Sequence[MergeField] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> Snapshot:
    """Bring the local copy of an audience up to date.

    Args:
        client: the client.
        audience_id: the audience.
        directory: this audience's own directory.
        progress: told the share done (0 to 1) and what is going on.
        cancelled: asked between pages; True ends it, and what was read is kept for next time.
        full: read everything even when reading the changes would do.
        archived: also look for changes of members who stay archived; without, whoever leaves the
            archive or joins it is seen all the same, and it takes a call less.
        fields: merge fields of the audience, when they were asked for just now. Otherwise they are
            asked for only when the members look as if they had been changed.
        now: the time, UTC.
        sleep: waits so many seconds.

    Raises:
        CancelledError: when ``cancelled`` said so.
        MailchimpError: what the client raises.
        StorageError: the directory cannot be written.
    """
    reader = Reader(
        client,
        audience_id,
        progress or (lambda share, words: None),
        cancelled or (lambda: False),
        sleep,
    )
    with _alone(directory, reader):
        given = None if fields is None else definitions.of(fields)
        return _Audience(reader, directory, now()).refresh(given, full=full, archived=archived)


@dataclass(frozen=True, slots=True)
class _Audience:
    """One refresh of one audience."""

    reader: Reader
    directory: Path
    now: datetime

    @property
    def path(self) -> Path:
        return self.directory / "snapshot.parquet"

    def refresh(self, given: Definitions | None, *, full: bool, archived: bool) -> Snapshot:
        before = self.reader.client.calls
        told = self._bookmark()
        if told and not full and not archived and self._recent(told) and self._lively(told):
            return self._taken(before, told.definitions)
        heads = self.reader.heads()
        known = self._definitions(given, told, heads)
        if told and not told.fits(known):
            told = None
        complete = all(head.rows.num_rows >= head.total for head in heads)
        if complete:
            merging.from_heads(self.path, heads)
        news = News(self.reader, self.path, heads, told.marks if told else ())
        if not complete and (full or not self._recent(told) or not news.merge()):
            complete = True
            news = whole.read(self.reader, self.path, heads, known, self.now)
        kept = self.now if complete or not told else told.whole_at
        bookmark.write(self.directory, Bookmark(kept, news.marks(), known))
        return self._taken(before, known, news.gaps, full=complete)

    def _taken(
        self,
        before: int,
        known: Definitions | None,
        gaps: tuple[int, ...] = (),
        *,
        full: bool = False,
    ) -> Snapshot:
        return Snapshot(
            self.path,
            merging.count(self.path),
            self.now,
            full,
            self.reader.client.calls - before,
            missing=-sum(gap for gap in gaps if gap < 0),
            surplus=sum(gap for gap in gaps if gap > 0),
            definitions=known,
        )

    def _lively(self, told: Bookmark) -> bool:
        """Bring all but the archived up to date; False when the counts then disagree.

        Whoever was archived is missing from the count, and whoever came back is among the changed.
        """
        heads = (self.reader.newest(""),)
        if told.definitions is not None and self._shifted(told.definitions, heads):
            return False
        news = News(self.reader, self.path, heads, told.marks[:1])
        agrees = news.merge()
        if agrees:
            found = replace(told, marks=news.marks() + told.marks[1:])
            bookmark.write(self.directory, found)
        return agrees

    def _definitions(
        self, given: Definitions | None, told: Bookmark | None, heads: tuple[MemberPage, ...]
    ) -> Definitions | None:
        """What merge fields there are now; asks Mailchimp only when the members speak against it.

        A call for each look would be one in ten of those of a small push.
        """
        if given is not None:
            shown = definitions.tags_shown(heads)
            doubted = bool(shown) and shown != definitions.tags_of(given)
        elif told and told.definitions is not None:
            given = told.definitions
            doubted = self._shifted(given, heads)
        else:
            return None
        if doubted:
            return definitions.of(self.reader.client.merge_fields(self.reader.audience_id))
        return given

    def _shifted(self, believed: Definitions, heads: tuple[MemberPage, ...]) -> bool:
        shown = definitions.tags_shown(heads)
        return shown != definitions.tags_of(believed) or merging.shifted(self.path, heads)

    def _recent(self, told: Bookmark | None) -> bool:
        return told is not None and self.now - told.whole_at <= FULL_EVERY

    def _bookmark(self) -> Bookmark | None:
        return bookmark.read(self.directory) if self.path.exists() else None


@contextmanager
def _alone(directory: Path, reader: Reader) -> Iterator[None]:
    """Hold the directory; a second refresh waits, and then finds little left to do."""
    with disk():
        directory.mkdir(parents=True, exist_ok=True)
        held = (directory / "lock").open("w")
    with held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                reader.check()
                reader.sleep(0.05)
        yield
