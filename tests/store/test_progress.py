import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from lib.access import LOCAL_ADMINISTRATOR, Person
from lib.errors import ForbiddenError, InUseError, MusterError, NotFoundError, RefusedError
from lib.settings import Settings, load
from lib.store import Store, audit, batches, exports, open_store, progress, runs
from lib.store.batches import BatchState
from lib.store.rejections import Rejection
from lib.store.runs import NEXT, RunState

if TYPE_CHECKING:
    from tests.store.conftest import World

ADMIN = LOCAL_ADMINISTRATOR


def test_a_run_starts_with_the_outcomes_that_the_plan_settled(
    store: Store, world: "World", admin: Person
) -> None:
    fates = {"added": 5, "updated": 4, "unchanged": 3, "suppressed": 2, "invalid": 1, "left": 6}
    run = world.run("Weekly", fates)
    assert (run.state, run.total, run.sent, run.export_name) == ("queued", 9, 0, "Weekly")
    assert {name: many for name, many in run.outcomes.items() if many} == {
        "not_sent": 9,
        "unchanged": 3,
        "suppressed": 2,
        "invalid": 1,
        "left": 6,
    }


def test_a_run_goes_from_the_queue_to_done(store: Store, world: "World", admin: Person) -> None:
    run = world.run()
    begun = progress.begin(store, run.id)
    assert (begun.state, begun.attempts) == (RunState.RUNNING, 1)
    assert begun.started_at is not None
    progress.enter(store, run.id, "sending")
    assert runs.get(store, admin, run.id).phase == "sending"
    assert not progress.cancel_requested(store, run.id)
    done = progress.finish(store, run.id, RunState.DONE)
    assert done.finished_at is not None and not done.live
    assert progress.finish(store, run.id, RunState.DONE) == done
    assert audit.entries(store, admin)[0].who == "worker"


def test_a_run_that_a_dead_worker_left_is_taken_over(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run()
    first = progress.begin(store, run.id)
    again = progress.begin(store, run.id)
    assert (again.state, again.attempts) == (RunState.RUNNING, 2)
    assert again.started_at == first.started_at


def test_a_queued_run_is_cancelled_at_once_and_a_running_one_is_told(
    store: Store, world: "World", admin: Person
) -> None:
    queued = world.run("One")
    assert progress.cancel(store, admin, queued.id).state is RunState.CANCELLED
    running = world.run("Two")
    progress.begin(store, running.id)
    told = progress.cancel(store, admin, running.id)
    assert (told.state, told.cancel_requested) == (RunState.RUNNING, True)
    assert progress.cancel_requested(store, running.id)
    progress.finish(store, running.id, RunState.CANCELLED)
    with pytest.raises(RefusedError, match="cancelled already"):
        progress.cancel(store, admin, running.id)


def test_resuming_leads_back_to_the_queue_but_not_from_done(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run()
    progress.cancel(store, admin, run.id)
    resumed = progress.resume(store, admin, run.id)
    assert (resumed.state, resumed.cancel_requested, resumed.finished_at) == (
        RunState.QUEUED,
        False,
        None,
    )
    running = progress.begin(store, run.id)
    assert progress.resume(store, admin, run.id, left=True) == running
    with pytest.raises(RefusedError, match="running"):
        progress.resume(store, admin, run.id)
    progress.finish(store, run.id, RunState.DONE)
    for left in (False, True):
        with pytest.raises(RefusedError, match="done"):
            progress.resume(store, admin, run.id, left=left)


def test_a_run_over_a_connection_that_its_export_left_is_resumed_by_nobody(
    store: Store, world: "World", admin: Person, contributor: Person
) -> None:
    export = world.export(shared=False)
    run = progress.request(store, admin, world.approved(export).id)
    progress.cancel(store, admin, run.id)
    with pytest.raises(ForbiddenError, match="not shared"):
        progress.resume(store, contributor, run.id)
    exports.detach(store, admin, export.id)
    for who in (admin, contributor):
        with pytest.raises(RefusedError):
            progress.resume(store, who, run.id)
    exports.attach(store, admin, export.id, world.connection("Shared").id)
    for who in (admin, contributor):
        with pytest.raises(RefusedError, match="another account or audience"):
            progress.resume(store, who, run.id)
    exports.attach(store, admin, export.id, "To Weekly")
    assert progress.resume(store, admin, run.id).state is RunState.QUEUED


def test_an_export_has_one_live_run(store: Store, world: "World", admin: Person) -> None:
    export = world.export()
    first = progress.request(store, admin, world.approved(export).id)
    second = world.approved(export)
    with pytest.raises(InUseError, match="running already"):
        progress.request(store, admin, second.id)
    progress.cancel(store, admin, first.id)
    progress.request(store, admin, second.id)
    with pytest.raises(InUseError, match="running already"):
        progress.resume(store, admin, first.id)


def test_the_database_itself_refuses_a_second_live_run(store: Store, world: "World") -> None:
    run = world.run()
    copy = (
        "INSERT INTO runs (id, export_id, state, requested_at) "
        "SELECT 'run_2', export_id, 'running', requested_at FROM runs WHERE id = :id"
    )
    with pytest.raises(Exception, match="UNIQUE"), store.write() as db:
        db.execute(text(copy), {"id": run.id})


def test_of_many_threads_that_start_an_export_at_once_one_wins(
    store: Store, world: "World", admin: Person
) -> None:
    export = world.export()
    plans = [world.approved(export).id for _ in range(8)]
    won, lost = [], []

    def start(plan: str) -> None:
        try:
            won.append(progress.request(store, admin, plan))
        except InUseError as error:
            lost.append(error)

    threads = [threading.Thread(target=start, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)


START = """
import sys
from lib.access import LOCAL_ADMINISTRATOR
from lib.errors import ForbiddenError, InUseError
from lib.settings import load
from lib.store import open_store, progress
with open_store(load(state=sys.argv[1])) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        progress.request(store, LOCAL_ADMINISTRATOR, sys.argv[2])
    except InUseError:
        sys.exit(3)
"""


def test_of_two_processes_that_start_an_export_at_once_one_wins(
    store: Store, settings: Settings, world: "World", admin: Person
) -> None:
    export = world.export()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(settings.state), world.approved(export).id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=30)
    assert sorted(process.returncode for process in processes) == [0, 3]
    assert len(runs.live(store, admin)) == 1


def test_runs_are_listed_newest_first_and_narrowed(
    store: Store, world: "World", admin: Person
) -> None:
    one, two = world.run("One"), world.run("Two")
    assert [run.id for run in runs.all(store, admin)] == [two.id, one.id]
    assert [run.id for run in runs.live(store, admin)] == [one.id, two.id]
    assert [run.id for run in runs.all(store, admin, export="One")] == [one.id]
    assert [run.id for run in runs.all(store, admin, export=one.export_id)] == [one.id]
    progress.cancel(store, admin, one.id)
    assert [run.id for run in runs.all(store, admin, state=RunState.CANCELLED)] == [one.id]
    again = progress.request(
        store, admin, world.approved_again(one.export_id).id, trigger="schedule"
    )
    assert runs.newest(store, admin) == {one.export_id: again, two.export_id: two}
    with pytest.raises(NotFoundError):
        runs.get(store, admin, "run_nothing")


def test_the_rate_is_of_the_present_stretch_only(
    settings: Settings, world_of: "type[World]"
) -> None:
    now = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    with open_store(settings, clock=lambda: now[0]) as store:
        world = world_of(store)
        run = world.sending([500, 500, 500, 500])
        for seq in (0, 1):
            now[0] += timedelta(seconds=10)
            batches.mark_sent(store, run.id, seq)
            batches.mark_answered(store, run.id, seq, created=500, updated=0)
        half = runs.get(store, ADMIN, run.id)
        assert half.rate(now[0]) == 50.0
        assert half.seconds_left(now[0]) == 20.0
        now[0] += timedelta(hours=3)
        progress.begin(store, run.id)
        assert runs.get(store, ADMIN, run.id).seconds_left(now[0]) is None
        progress.enter(store, run.id, "sending")
        now[0] += timedelta(seconds=5)
        batches.mark_sent(store, run.id, 2)
        batches.mark_answered(store, run.id, 2, created=500, updated=0)
        assert runs.get(store, ADMIN, run.id).rate(now[0]) == 100.0


class Life(RuleBasedStateMachine):
    """Anything may be tried on a run at any time; a model of 20 lines says what must hold."""

    world_of: ClassVar[Callable[[Store], "World"]]
    empty_store: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        shutil.copy(self.empty_store, self.directory.name)
        self.store = open_store(load(state=Path(self.directory.name)))
        sizes = [3, 5, 2]
        world = type(self).world_of(self.store)
        self.sizes = sizes
        self.run = world.run("Weekly", {"added": sum(sizes), "unchanged": 7})
        ranges = [batches.Range(0, 0, size) for size in sizes]
        batches.plan(self.store, self.run.id, ranges)
        self.state = RunState.QUEUED
        self.all = sum(sizes) + 7

    def teardown(self) -> None:
        self.store.close()
        self.directory.cleanup()

    def attempt(self, to: RunState, act: Callable[[], object]) -> None:
        allowed = to in NEXT[self.state]
        try:
            act()
        except MusterError:
            assert not allowed or to is RunState.DONE
        else:
            assert allowed or to is self.state
            self.state = to

    @rule()
    def begin(self) -> None:
        self.attempt(RunState.RUNNING, lambda: progress.begin(self.store, self.run.id))

    @rule(to=st.sampled_from([RunState.DONE, RunState.FAILED, RunState.STOPPED]))
    def finish(self, to: RunState) -> None:
        self.attempt(to, lambda: progress.finish(self.store, self.run.id, to))

    @rule()
    def resume(self) -> None:
        self.attempt(RunState.QUEUED, lambda: progress.resume(self.store, ADMIN, self.run.id))

    @precondition(lambda self: self.state is RunState.QUEUED)
    @rule()
    def cancel(self) -> None:
        self.attempt(RunState.CANCELLED, lambda: progress.cancel(self.store, ADMIN, self.run.id))

    @rule(seq=st.integers(0, 2))
    def send(self, seq: int) -> None:
        before = batches.all(self.store, self.run.id)[seq].state
        sent = batches.mark_sent(self.store, self.run.id, seq)
        assert sent == (before is not BatchState.ANSWERED)

    @rule(seq=st.integers(0, 2), data=st.data())
    def answer(self, seq: int, data: st.DataObject) -> None:
        size = self.sizes[seq]
        created = data.draw(st.integers(0, size))
        updated = data.draw(st.integers(0, size - created))
        refused = data.draw(st.integers(0, size - created - updated))
        rejected = [Rejection(f"{number}@x.test") for number in range(refused)]
        batches.mark_answered(
            self.store, self.run.id, seq, created=created, updated=updated, rejections=rejected
        )

    @rule(seq=st.integers(0, 2), how=st.sampled_from(["in_doubt", "unsent"]))
    def mark(self, seq: int, how: str) -> None:
        if how == "in_doubt":
            batches.mark_in_doubt(self.store, self.run.id, seq)
        else:
            batches.mark_unsent(self.store, self.run.id, seq)

    @invariant()
    def outcomes_add_up_and_agree_with_the_journal(self) -> None:
        run = runs.get(self.store, ADMIN, self.run.id)
        journal = batches.all(self.store, self.run.id)
        assert run.state is self.state
        assert sum(run.outcomes.values()) == self.all
        assert run.outcomes["added"] == sum(batch.created for batch in journal)
        assert run.outcomes["updated"] == sum(batch.updated for batch in journal)
        assert run.outcomes["rejected"] == sum(batch.rejected for batch in journal)
        waiting = sum(
            batch.contacts
            for batch in journal
            if batch.state in {BatchState.PLANNED, BatchState.SENT}
        )
        assert (run.outcomes["not_sent"], run.total - run.sent) == (waiting, waiting)
        assert run.state is not RunState.DONE or waiting == 0


def test_a_run_and_its_journal_agree_whatever_is_tried(
    world_of: "type[World]", empty_store: Path
) -> None:
    few = settings_of(
        max_examples=10,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    here = type("Here", (Life,), {"world_of": world_of, "empty_store": empty_store})
    run_state_machine_as_test(here, settings=few)
