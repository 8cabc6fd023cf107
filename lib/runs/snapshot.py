"""Snapshot: the audience as Mailchimp holds it, kept locally as Parquet.

The first reading takes every page; later ones what changed since, newest first. Either way the
counts must agree with Mailchimp's totals, or everything is read again.
"""

import fcntl
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lib.mailchimp.client import Mailchimp
from lib.mailchimp.member import MemberPage
from lib.runs import marks, merging
from lib.runs.local import appearing, disk
from lib.runs.marks import Marks
from lib.runs.news import News
from lib.runs.pages import PASSES, Progress, Reader

log = logging.getLogger(__name__)

RESUMABLE = timedelta(hours=6)
"""An unfinished reading older than this is begun anew."""
FULL_EVERY = timedelta(days=7)
"""Members deleted for good leave no change behind, so everything is read again now and then."""
SWEEPS = 3
"""Most times to read everything while members are missing."""


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
    agrees: bool = True
    """Its counts are Mailchimp's totals; False while the audience changes faster than it reads."""


def refresh(
    client: Mailchimp,
    audience_id: str,
    directory: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    full: bool = False,
    archived: bool = True,
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
        return _Audience(reader, directory, now()).refresh(full=full, archived=archived)


@dataclass(frozen=True, slots=True)
class _Audience:
    """One refresh of one audience."""

    reader: Reader
    directory: Path
    now: datetime

    @property
    def path(self) -> Path:
        return self.directory / "snapshot.parquet"

    def refresh(self, *, full: bool, archived: bool) -> Snapshot:
        before = self.reader.client.calls
        told = self._told()
        if told and not full and not archived and self._recent(told) and self._lively(told):
            calls = self.reader.client.calls - before
            return Snapshot(self.path, merging.count(self.path), self.now, False, calls)
        heads = self.reader.heads()
        whole = all(head.rows.num_rows >= head.total for head in heads)
        if whole:
            merging.from_heads(self.path, heads)
        news = News(self.reader, self.path, heads, told.marks if told else ())
        agrees = whole or (not full and self._recent(told) and news.merge())
        if not agrees:
            whole = True
            news, agrees = self._whole(heads)
        kept = self.now if whole or not told else told.whole_at
        self._tell(kept, news.marks())
        calls = self.reader.client.calls - before
        return Snapshot(self.path, merging.count(self.path), self.now, whole, calls, agrees)

    def _lively(self, told: "_Told") -> bool:
        """Bring all but the archived up to date; False when the counts then disagree.

        Whoever was archived is missing from the count, and whoever came back is among the changed.
        """
        news = News(self.reader, self.path, (self.reader.newest(""),), told.marks[:1])
        agrees = news.merge()
        if agrees:
            self._tell(told.whole_at, news.marks() + told.marks[1:])
        return agrees

    def _recent(self, told: "_Told | None") -> bool:
        return told is not None and self.now - told.whole_at <= FULL_EVERY

    def _told(self) -> "_Told | None":
        """What the last refresh left behind; None when there is nothing that can be used."""
        try:
            told = json.loads((self.directory / "snapshot.json").read_text("utf-8"))
            found = marks.from_json(told["marks"]) if self.path.exists() else ()
            return _Told(datetime.fromisoformat(told["whole_at"]), found) if found else None
        except (OSError, ValueError, KeyError):
            return None

    def _tell(self, whole_at: datetime, found: Marks) -> None:
        told = {"whole_at": whole_at.isoformat(), "marks": marks.to_json(found)}
        with disk(), appearing(self.directory / "snapshot.json") as fresh:
            fresh.write_text(json.dumps(told), "utf-8")

    def _whole(self, heads: tuple[MemberPage, ...]) -> tuple[News, bool]:
        """Read every page, then what changed meanwhile, until the counts agree."""
        directory = self.directory / "reading"
        found = self._begin(directory, heads)
        agrees = False
        for sweep in range(SWEEPS):
            for status in PASSES:
                self.reader.store(status, directory / f"{sweep}-{status or 'default'}")
            merging.combine(self.path, directory)
            news = News(self.reader, self.path, self.reader.heads(), found)
            agrees = news.merge()
            if agrees:
                break
        if not agrees:
            log.warning("The audience changes faster than it can be read; its counts disagree.")
        shutil.rmtree(directory, ignore_errors=True)
        return news, agrees

    def _begin(self, directory: Path, heads: tuple[MemberPage, ...]) -> Marks:
        """Begin a reading, or go on with an unfinished one; returns its marks."""
        begun = directory / "begun.json"
        try:
            told = json.loads(begun.read_text("utf-8"))
            if self.now - datetime.fromisoformat(told["at"]) < RESUMABLE:
                return marks.from_json(told["marks"])
        except (OSError, ValueError, KeyError):
            pass
        shutil.rmtree(directory, ignore_errors=True)
        found = tuple(map(marks.mark_of, heads))
        told = {"at": self.now.isoformat(), "marks": marks.to_json(found)}
        with disk():
            directory.mkdir(parents=True)
            with appearing(begun) as fresh:
                fresh.write_text(json.dumps(told), "utf-8")
        return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last refresh left behind."""

    whole_at: datetime
    """When everything was last read."""
    marks: Marks


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
