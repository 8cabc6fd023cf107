"""Pages of an audience on disk: read in parallel, kept so that a killed reading goes on.

Offset paging over a changing list can skip members and repeat others, and there is no cursor
(Mailchimp Marketing API 3.0 reference). So a reading counts what it holds against Mailchimp's own
total, and reads everything once more while members are missing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from lib.errors import CancelledError
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.member import PAGE, MemberPage
from lib.runs.local import appearing, disk

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
        sleep: waits so many seconds.
    """

    client: Mailchimp
    audience_id: str
    progress: Progress
    cancelled: Callable[[], bool]
    sleep: Callable[[float], None]

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
        with ThreadPoolExecutor(len(PASSES)) as pool:
            return tuple(pool.map(self.newest, PASSES))

    def newest(self, status: str, offset: int = 0) -> MemberPage:
        """One page of a pass, the last changed first."""
        self.check()
        return self.client.members(self.audience_id, status=status, offset=offset, order="newest")

    def store(self, status: str, directory: Path, since: str = "") -> None:
        """Store every page of a pass that is not there yet, as ``<directory>/<offset>.parquet``.

        Args:
            status: the pass.
            directory: of this reading of this pass; pages in it are not read again.
            since: only members changed after this moment.
        """
        with disk():
            directory.mkdir(parents=True, exist_ok=True)
        first = self._page(0, status, directory, since)
        # A server may give fewer members a page than it is asked for, and gives as many each time.
        total, step = first.total, min(first.rows.num_rows or PAGE, PAGE)
        missing = [at for at in range(step, total, step) if not _file(directory, at).exists()]
        done = max(0, total - step * len(missing))
        with _pool(self.client.budget.most) as pool:
            asked = [pool.submit(self._slot, at, step, status, directory, since) for at in missing]
            for slot in as_completed(asked):
                slot.result()
                done += step
                self._tell(done, total)

    def _slot(self, offset: int, step: int, status: str, directory: Path, since: str) -> None:
        """Store so many members from this place on, in more than one page if need be."""
        end = offset + step
        while offset < end:
            page = self._page(offset, status, directory, since)
            offset += page.rows.num_rows
            if not page.rows.num_rows or offset >= page.total:
                return

    def _page(self, offset: int, status: str, directory: Path, since: str) -> MemberPage:
        self.check()
        page = self.client.members(
            self.audience_id, offset=offset, status=status, since_last_changed=since
        )
        with disk(), appearing(_file(directory, offset)) as fresh:
            pq.write_table(page.rows, fresh, compression="zstd", compression_level=1)
        return page

    def _tell(self, done: int, total: int) -> None:
        share = min(done, total) / max(total, 1)
        self.progress(share, f"Reading the audience: {min(done, total):,} of {total:,} members")


def _file(directory: Path, offset: int) -> Path:
    return directory / f"{offset:09d}.parquet"


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(threads, thread_name_prefix="snapshot")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
