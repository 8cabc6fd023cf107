"""Pages of an audience on disk: read in parallel, kept so that a killed reading goes on.

Offset paging over a changing list can skip members and repeat others, and there is no cursor
(Mailchimp Marketing API 3.0 reference). So a reading counts what it holds against Mailchimp's own
total, and reads everything once more while members are missing.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from lib.errors import CancelledError
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.member import PAGE, MemberPage
from lib.runs.local import appearing, disk

log = logging.getLogger(__name__)

Progress = Callable[[float, str], None]
PASSES = ("", "archived")
"""The default listing leaves the archived out (Mailchimp recordings), so they are a second pass."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pages of one audience.

    Args:
        client: the client; its budget is also the number of threads.
        audience_id: the audience.
        progress: told the share done (0 to 1) and what is going on.
        cancelled: asked before each page.
    """

    client: Mailchimp
    audience_id: str
    progress: Progress
    cancelled: Callable[[], bool]

    def check(self) -> None:
        """Let the reading go on.

        Raises:
            CancelledError: a person pressed cancel.
        """
        if self.cancelled():
            raise CancelledError(
                "Reading the audience was cancelled; what was read is kept for the next time."
            )

    def heads(self) -> tuple[MemberPage, ...]:
        """The first page of each pass, the last changed first."""
        self.check()
        with ThreadPoolExecutor(len(PASSES)) as pool:
            return tuple(
                pool.map(
                    lambda status: self.client.members(
                        self.audience_id, status=status, order="newest"
                    ),
                    PASSES,
                )
            )

    def store(self, status: str, total: int, directory: Path, since: str = "") -> None:
        """Store every page of a pass that is not there yet, as ``<directory>/<offset>.parquet``.

        Args:
            status: the pass.
            total: how many members it has as far as is known; more pages follow if it grew.
            directory: of this reading of this pass.
            since: only members changed after this moment.
        """
        with disk():
            directory.mkdir(parents=True, exist_ok=True)
        offsets = iter(range(0, max(total, 1), PAGE))
        grown = total
        with _pool(self.client.budget.most) as pool:
            waiting: set[Future[int]] = set()
            done = 0
            while True:
                waiting |= self._submit(pool, offsets, len(waiting), status, directory, since)
                if not waiting:
                    return
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                done += len(finished)
                now = max(future.result() for future in finished)
                if now > grown:
                    more = range(-(-max(grown, 1) // PAGE) * PAGE, now, PAGE)
                    offsets, grown = _chain(offsets, more), now
                self._tell(done * PAGE, grown)

    def _submit(
        self,
        pool: ThreadPoolExecutor,
        offsets: Iterator[int],
        waiting: int,
        status: str,
        directory: Path,
        since: str,
    ) -> set[Future[int]]:
        """Keep twice as many pages waiting as can be asked for at once."""
        self.check()
        free = 2 * self.client.budget.most - waiting
        return {
            pool.submit(self._page, offset, status, directory, since)
            for _, offset in zip(range(free), offsets, strict=False)
        }

    def _page(self, offset: int, status: str, directory: Path, since: str) -> int:
        path = directory / f"{offset:09d}.parquet"
        if path.exists():
            return 0
        self.check()
        page = self.client.members(
            self.audience_id, offset=offset, status=status, since_last_changed=since
        )
        with disk(), appearing(path) as fresh:
            pq.write_table(page.rows, fresh, compression="zstd", compression_level=1)
        return page.total

    def _tell(self, done: int, total: int) -> None:
        share = min(done, total) / max(total, 1)
        self.progress(share, f"Reading the audience: {min(done, total):,} of {total:,} members")


def _chain(first: Iterator[int], then: range) -> Iterator[int]:
    yield from first
    yield from then


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(threads, thread_name_prefix="snapshot")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
