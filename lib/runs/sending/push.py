"""Carrying out a layout: batches go to Mailchimp, up to ten at once, each journalled before.

What is journalled as sent and never answered is in doubt. Sending the same upsert, untag or
archive again settles it, because none of them does more the second time.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lib.errors import (
    AccountError,
    CredentialsError,
    InDoubtError,
    MissingError,
    MusterError,
    RequestError,
    ThrottledError,
    UnavailableError,
)
from lib.mailchimp.budget import MOST
from lib.mailchimp.client import Mailchimp
from lib.runs.sending import answers
from lib.runs.sending.answers import Answer
from lib.runs.sending.cargo import Cargo
from lib.runs.sending.deliver import Deliver, words
from lib.runs.sending.layout import Kind, Layout, Parcel
from lib.runs.sending.outcomes import answers_dir

AHEAD = 5
"""Threads beyond the connections: while one reads an answer, another uses its connection."""
LOOK_S = 0.25
"""How often progress is shown and cancel is looked for, in seconds."""
PATIENCE_S = 600.0
"""How long Mailchimp may be away before the run stops, to be resumed, in seconds."""


@dataclass(frozen=True, slots=True)
class End:
    """How a push ended."""

    state: str
    """done, cancelled, stopped (Mailchimp was away too long), failed, or closing."""
    message: str = ""


class Journal(Protocol):
    """What stands in the store about the batches of this run."""

    def open(self) -> frozenset[int]:
        """Return the numbers of the batches without an answer."""
        ...

    def sent(self, seq: int) -> None:
        """Write that it is about to be sent."""
        ...

    def answered(self, seq: int, answer: Answer) -> None:
        """Write what became of its contacts, rejections included, in one transaction."""
        ...

    def doubted(self, seq: int, message: str) -> None:
        """Write that its reply was lost."""
        ...

    def unsent(self, seq: int, message: str) -> None:
        """Write that Mailchimp did not take it, for certain."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What a push works with."""

    client: Mailchimp
    audience_id: str
    directory: Path
    layout: Layout
    journal: Journal
    look: Callable[[], str]
    """Says '' to go on, 'cancelled' or 'closing' to stop; also shows progress."""
    away: Callable[[bool], None] = lambda away: None
    """Told when Mailchimp does not answer, so that the run waits, and when it answers again."""
    limit: Callable[[], int] = lambda: MOST + AHEAD
    """How many batches may be under way right now."""
    patience_s: float = PATIENCE_S
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


def carry_out(setting: Setting) -> End:
    """Send every batch that has no answer yet.

    Raises:
        StorageError: the journal or a file of the run cannot be written; nothing is lost.
    """
    open_now = setting.journal.open()
    answers_dir(setting.directory).mkdir(exist_ok=True)
    push = _Push(setting)
    kinds: tuple[Kind, ...] = ("upsert", "untag", "archive")
    for kind in kinds:
        parcels = [p for p in setting.layout.parcels if p.kind == kind and p.seq in open_now]
        push.all(parcels)
        if push.end is not None:
            return push.end
    return End("done")


class _Over(Exception):  # noqa: N818 - nothing went wrong
    """There is a reason to stop; a batch of which a part went out stays in doubt."""


class _Push:
    """The threads of one push, and the first reason to stop."""

    def __init__(self, setting: Setting) -> None:
        self._s = setting
        self._cargo = Cargo(setting.directory)
        self._deliver = Deliver(setting.client, setting.audience_id)
        self._mine = threading.local()
        setting.client.guard(self._leave)
        self._turn = threading.Condition()
        self._under_way = 0
        self._over = threading.Event()
        self._trouble_since: float | None = None
        self._told_away = False
        self.end: End | None = None

    def all(self, parcels: list[Parcel]) -> None:
        """Send these, and come back when all are answered or there is a reason to stop."""
        if not parcels:
            return
        queue = iter(parcels)
        threads = min(MOST + AHEAD, len(parcels))
        with ThreadPoolExecutor(threads, thread_name_prefix="push") as pool:
            jobs = {pool.submit(self._work, queue) for _ in range(threads)}
            self._watch(jobs)
        for job in jobs:
            job.result()

    def _watch(self, jobs: set[Future[None]]) -> None:
        while True:
            waiting = wait(jobs, timeout=LOOK_S).not_done
            self._tell_when_away()
            reason = self._s.look()
            if reason:
                self._stop(End(reason))
            if not waiting:
                return

    def _tell_when_away(self) -> None:
        away = self._trouble_since is not None
        if away != self._told_away:
            self._told_away = away
            self._s.away(away)

    def _work(self, queue: Iterator[Parcel]) -> None:
        try:
            while (parcel := self._next(queue)) is not None:
                try:
                    self._send(parcel)
                finally:
                    self._free()
        except BaseException:
            self._over.set()
            raise

    def _next(self, queue: Iterator[Parcel]) -> Parcel | None:
        """Take the next batch once a connection is nearly free; later, cancel would come late."""
        with self._turn:
            while not self._over.is_set() and self._under_way >= self._s.limit():
                self._turn.wait(LOOK_S)
            parcel = None if self._over.is_set() else next(queue, None)
            self._under_way += parcel is not None
            return parcel

    def _free(self) -> None:
        with self._turn:
            self._under_way -= 1
            self._turn.notify()

    def _send(self, parcel: Parcel) -> None:
        """Send one batch until it is answered or there is a reason to stop."""
        rows, tries = self._cargo.rows(parcel), 0
        # Also of a batch that may have been applied: whoever was archived or removed since then
        # would come back by sending it again.
        held = self._cargo.held(rows)
        rows = rows.join(held, on="ord", how="anti")
        while not self._over.is_set():
            self._s.journal.sent(parcel.seq)
            self._mine.left = False
            try:
                answer = self._deliver.parcel(parcel, rows)
            except _Over:
                if not self._mine.left:
                    self._s.journal.unsent(parcel.seq, "")
                return
            except RequestError as error:
                answer = answers.refused(rows, words(error))
            except MusterError as error:
                self._troubled(parcel, error)
                tries += 1
                self._pause(tries)
                continue
            self._trouble_since = None
            answer = answers.with_held(answer, held)
            answers.keep(answer, parcel.seq, self._s.directory)
            self._s.journal.answered(parcel.seq, answer)
            return

    def _leave(self) -> None:
        """Let a call of this thread go out, unless it is over."""
        if self._over.is_set():
            raise _Over
        self._mine.left = True

    def _troubled(self, parcel: Parcel, error: MusterError) -> None:
        """Journal a batch that was not answered, and stop when waiting does not help."""
        if isinstance(error, InDoubtError):
            self._s.journal.doubted(parcel.seq, str(error))
        else:
            self._s.journal.unsent(parcel.seq, str(error))
        if isinstance(error, CredentialsError):
            self._stop(End("failed", f"{error} Then resume the run: it goes on where it stopped."))
        elif isinstance(error, MissingError):
            self._stop(End("failed", f"The audience is not there any more. {error}"))
        elif isinstance(error, AccountError):
            self._stop(End("stopped", f"{error} See to it there, then resume the run."))
        elif not isinstance(error, InDoubtError | UnavailableError | ThrottledError):
            raise error
        elif self._too_long():
            self._stop(End("stopped", _AWAY.format(minutes=round(self._s.patience_s / 60))))

    def _too_long(self) -> bool:
        now = self._s.clock()
        with self._turn:
            if self._trouble_since is None:
                self._trouble_since = now
            return now - self._trouble_since >= self._s.patience_s

    def _pause(self, tries: int) -> None:
        """Wait a little longer each time, never in step with the other threads."""
        self._over.wait(min(0.25 * 2.0**tries, 15.0) * (0.5 + self._s.chance()))

    def _stop(self, end: End) -> None:
        with self._turn:
            if self.end is None:
                self.end = end
        self._over.set()


_AWAY = (
    "Mailchimp has not answered for {minutes} minutes, so the run stopped. Nothing is lost: resume"
    " it when Mailchimp is back, and it goes on where it stopped."
)
