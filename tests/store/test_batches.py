import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, event

from lib.access import Person
from lib.errors import NotFoundError, RefusedError
from lib.settings import Settings
from lib.store import Store, batches, open_store, progress, rejections, runs
from lib.store.batches import BatchState, Range
from lib.store.rejections import Rejection
from lib.store.runs import RunState

if TYPE_CHECKING:
    from tests.store.conftest import World


@contextmanager
def asked() -> Iterator[list[str]]:
    """Collect the statements that any database is asked."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_million_contacts_are_journalled_in_one_go_and_only_once(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run("Weekly", {"added": 1_000_000})
    ranges = [Range(first, first + 499, 500) for first in range(0, 1_000_000, 500)]
    with asked() as statements:
        assert batches.plan(store, run.id, ranges) == 2_000
    assert len(statements) < 20, "not one for each batch"
    assert batches.plan(store, run.id, ranges[:1]) == 2_000
    whole = batches.open_batches(store, run.id)
    assert [batch.seq for batch in whole] == list(range(2_000))
    assert (whole[-1].first_ord, whole[-1].last_ord) == (999_500, 999_999)
    assert runs.get(store, admin, run.id).total == 1_000_000


def test_a_batch_is_sent_then_answered_and_the_run_counts_along(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.sending([500, 100])
    assert batches.mark_sent(store, run.id, 0)
    assert runs.get(store, admin, run.id).sent == 0
    refused = [Rejection("a@x.test", "m", "ERROR_GENERIC", "no", "FNAME", "too long")]
    assert batches.mark_answered(store, run.id, 0, created=400, updated=99, rejections=refused)
    now = runs.get(store, admin, run.id)
    assert (now.sent, now.total) == (500, 600)
    assert (now.outcomes["added"], now.outcomes["updated"]) == (400, 99)
    assert (now.outcomes["rejected"], now.outcomes["not_sent"]) == (1, 100)
    assert [batch.seq for batch in batches.open_batches(store, run.id)] == [1]
    (kept,) = rejections.page(store, admin, run.id)
    assert (kept.run_id, kept.seq, kept.email, kept.field) == (run.id, 0, "a@x.test", "FNAME")


def test_marking_twice_changes_nothing(store: Store, world: "World", admin: Person) -> None:
    run = world.sending([10])
    batches.mark_sent(store, run.id, 0)
    refused = [Rejection("a@x.test")]
    assert batches.mark_answered(store, run.id, 0, created=9, updated=0, rejections=refused)
    before = runs.get(store, admin, run.id).outcomes
    assert not batches.mark_answered(store, run.id, 0, created=0, updated=9, rejections=refused)
    assert not batches.mark_sent(store, run.id, 0)
    assert not batches.mark_in_doubt(store, run.id, 0)
    assert not batches.mark_unsent(store, run.id, 0)
    assert runs.get(store, admin, run.id).outcomes == before
    assert rejections.count(store, admin, run.id) == 1


def test_a_batch_in_doubt_stays_so_until_it_is_answered(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.sending([10])
    batches.mark_sent(store, run.id, 0)
    assert batches.mark_in_doubt(store, run.id, 0, "The reply was lost.")
    assert runs.get(store, admin, run.id).outcomes["in_doubt"] == 10
    assert batches.mark_sent(store, run.id, 0)
    (again,) = batches.all(store, run.id)
    assert (again.state, again.attempts) == (BatchState.IN_DOUBT, 2)
    assert not batches.mark_unsent(store, run.id, 0)
    batches.mark_answered(store, run.id, 0, created=0, updated=10)
    now = runs.get(store, admin, run.id)
    assert (now.outcomes["in_doubt"], now.outcomes["updated"], now.sent) == (0, 10, 10)


def test_a_batch_that_was_certainly_not_applied_is_to_do_again(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.sending([10])
    batches.mark_sent(store, run.id, 0)
    assert batches.mark_unsent(store, run.id, 0, "Too many connections.")
    assert batches.tally(store, run.id)[BatchState.PLANNED] == 1
    assert runs.get(store, admin, run.id).outcomes["not_sent"] == 10


def test_contacts_that_an_answer_does_not_mention_are_in_doubt(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.sending([10])
    batches.mark_sent(store, run.id, 0)
    batches.mark_answered(store, run.id, 0, created=7, updated=0)
    assert runs.get(store, admin, run.id).outcomes["in_doubt"] == 3
    with pytest.raises(ValueError, match="more contacts"):
        batches.mark_answered(store, run.id, 0, created=7, updated=7)


def test_calls_that_add_no_contacts_move_progress_but_no_outcome(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run("Weekly", {"added": 10, "left": 5})
    progress.begin(store, run.id)
    batches.plan(store, run.id, [Range(0, 9, 10), Range(10, 14, 5, "archive")])
    for seq, size in ((0, 10), (1, 5)):
        batches.mark_sent(store, run.id, seq)
        batches.mark_answered(store, run.id, seq, created=0, updated=size)
    now = runs.get(store, admin, run.id)
    assert (now.total, now.sent) == (15, 15)
    assert (now.outcomes["updated"], now.outcomes["left"]) == (10, 5)


def test_a_run_that_ends_leaves_unanswered_batches_in_doubt(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.sending([10, 20, 30])
    batches.mark_sent(store, run.id, 0)
    with pytest.raises(RefusedError, match="batches to send"):
        progress.finish(store, run.id, RunState.DONE)
    ended = progress.finish(store, run.id, RunState.FAILED, "Mailchimp does not answer.")
    assert (ended.outcomes["in_doubt"], ended.outcomes["not_sent"]) == (10, 50)
    assert ended.message == "Mailchimp does not answer."


def test_an_unknown_batch_is_said(store: Store, world: "World") -> None:
    run = world.sending([10])
    with pytest.raises(NotFoundError):
        batches.mark_sent(store, run.id, 7)


def test_ten_threads_journal_one_run_and_every_contact_is_counted(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.sending([100] * 60)
    waiting = list(range(60))

    def work() -> None:
        while True:
            try:
                seq = waiting.pop()
            except IndexError:
                return
            batches.mark_sent(store, run.id, seq)
            refused = [Rejection(f"{seq}@x.test")]
            batches.mark_answered(store, run.id, seq, created=90, updated=9, rejections=refused)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = progress.finish(store, run.id, RunState.DONE)
    assert (done.outcomes["added"], done.outcomes["updated"]) == (5_400, 540)
    assert (done.outcomes["rejected"], done.sent) == (60, 6_000)


@pytest.mark.parametrize("refusals", [1, 50])
def test_one_mark_is_a_few_statements_however_many_are_rejected(
    store: Store, world: "World", refusals: int
) -> None:
    run = world.sending([500])
    refused = [Rejection(f"{number}@x.test", "m", "E", "no") for number in range(refusals)]
    with asked() as statements:
        batches.mark_sent(store, run.id, 0)
        batches.mark_answered(
            store, run.id, 0, created=500 - refusals, updated=0, rejections=refused
        )
    assert len(statements) < 20


SEND = """
import sys
from lib.settings import load
from lib.store import batches, open_store
store = open_store(load(state=sys.argv[1]))
for seq in range(100_000):
    batches.mark_sent(store, sys.argv[2], seq)
    print(f"sent {seq}", flush=True)
    batches.mark_answered(store, sys.argv[2], seq, created=1, updated=0)
    print(f"answered {seq}", flush=True)
"""


@pytest.mark.parametrize("after", [7, 30])
def test_what_was_journalled_survives_kill_9(
    store: Store, settings: Settings, world: "World", admin: Person, after: int
) -> None:
    run = world.sending([1] * 3_000)
    command = [sys.executable, "-c", SEND, str(settings.state), run.id]
    sender = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert sender.stdout is not None
    said = [sender.stdout.readline() for _ in range(after)]
    os.kill(sender.pid, signal.SIGKILL)
    said += sender.stdout.read().splitlines(keepends=True)
    sender.wait()
    store.close()
    with open_store(settings) as again:
        kept = {batch.seq: batch.state for batch in batches.all(again, run.id)}
        for line in said:
            if line.endswith("\n"):
                state, seq = line.split()
                allowed = {"answered"} if state == "answered" else {"sent", "answered"}
                assert kept[int(seq)] in allowed
        answered = sum(state is BatchState.ANSWERED for state in kept.values())
        assert runs.get(again, admin, run.id).outcomes["added"] == answered
    with sqlite3.connect(settings.state / "store.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
