"""A run that is cancelled, or stopped by its worker, while batches are on the wire and waiting."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import Options, StatusIfNew
from lib.mailchimp.budget import MOST
from lib.runs.sending import layout
from lib.store import progress
from lib.store.runs import Run, RunState
from tests.proof.company import NAME, people
from tests.proof.works import Works, assert_sums_agree

SIZE = 20
PEOPLE = 40 * SIZE


@pytest.fixture
def crowd(works: Works, monkeypatch: pytest.MonkeyPatch) -> Iterator[Works]:
    """Return an installation whose run takes forty batches."""
    monkeypatch.setitem(layout.SIZES, "upsert", SIZE)
    works.profiles(people(PEOPLE))
    yield works
    works.admin("latency", usual=0.0)


def sent(works: Works) -> int:
    """Count the batches that have arrived."""
    return int(works.stats()["calls"].get("POST /lists/{list_id}", 0))


def ends(works: Works, how: str, run: Run, on_the_wire: list[int]) -> Callable[[], bool]:
    """Return what cancels the run, or closes its worker, once all connections are in use."""

    def closing() -> bool:
        if not on_the_wire and (arrived := sent(works)) >= MOST:
            on_the_wire.append(arrived)
            if how == "cancel":
                progress.cancel(works.store, ME, run.id)
        return bool(on_the_wire) and how == "close"

    return closing


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_once_it_is_cancelled_no_batch_goes_out_beyond_those_on_the_wire(
    crowd: Works, how: str
) -> None:
    run = crowd.ask(crowd.ready(crowd.export(NAME, Options())))
    on_the_wire: list[int] = []
    crowd.admin("stats")
    crowd.admin("latency", usual=1.0)
    stopped = crowd.work(run.id, ends(crowd, how, run, on_the_wire))
    assert on_the_wire == [MOST] == [sent(crowd)]
    crowd.admin("latency", usual=0.0)
    if how == "cancel":
        assert stopped.state is RunState.CANCELLED
        assert stopped.outcomes["added"] == MOST * SIZE == crowd.count()
        assert stopped.outcomes["not_sent"] == PEOPLE - MOST * SIZE
        assert_sums_agree(crowd, stopped)
        progress.resume(crowd.store, ME, run.id)
    ended = crowd.work(run.id)
    assert (ended.state, ended.outcomes["added"]) == (RunState.DONE, PEOPLE)
    assert sent(crowd) == PEOPLE / SIZE, "nothing went out twice"


def test_a_cancelled_run_does_not_sit_out_a_throttle(crowd: Works) -> None:
    run = crowd.ask(crowd.ready(crowd.export(NAME, Options())))
    crowd.admin("faults", faults=[{"name": "bare-429", "on": "batch"}])
    asked_at: list[float] = []

    def closing() -> bool:
        if not asked_at:
            asked_at.append(time.monotonic())
            progress.cancel(crowd.store, ME, run.id)
        return False

    ended = crowd.work(run.id, closing)
    assert ended.state is RunState.CANCELLED
    assert ended.outcomes["not_sent"] == PEOPLE
    # Sitting it out takes minutes.
    assert time.monotonic() - asked_at[0] < 30


@pytest.mark.parametrize("status", StatusIfNew)
def test_who_was_added_by_a_batch_in_doubt_is_told_as_added_after_a_resume(
    works: Works, status: StatusIfNew
) -> None:
    works.profiles(people(3))
    run = works.ask(works.ready(works.export(NAME, Options(status_if_new=status))))
    works.admin("faults", faults=[{"name": "reset-after", "on": "batch"}])
    works.work(run.id, closing=lambda: works.run(run.id).phase == "sending" and works.count() == 3)
    works.calm()
    works.join("p9@post.no", "pending")
    ended = works.work(run.id)
    assert (ended.state, ended.message) == (RunState.DONE, "")
    assert ended.outcomes["added"] == 3


def test_who_an_audience_with_double_opt_in_asks_first_is_ours_after_a_lost_answer(
    works: Works, small_batches: None
) -> None:
    works.here("PATCH", "", double_optin=True)
    works.admin("disputes", forced_opt_in="pending")
    works.profiles(people(3))
    run = works.ask(works.ready(works.export(NAME, Options())))
    works.admin("faults", faults=[{"name": "reset-after", "on": "batch"}])
    works.work(run.id, closing=lambda: works.run(run.id).phase == "sending" and works.count() == 3)
    works.calm()
    works.admin("disputes", forced_opt_in="pending")
    ended = works.work(run.id)
    assert (ended.state, ended.outcomes["added"]) == (RunState.DONE, 3)
    assert {one.status for one in works.hold().values()} == {"pending"}


def test_who_signed_up_while_a_run_was_stopped_is_left_to_confirm(
    works: Works, small_batches: None
) -> None:
    works.profiles(people(6))
    run = works.ask(works.ready(works.export(NAME, Options(status_if_new=StatusIfNew.PENDING))))
    works.admin("faults", faults=["key-revoked"])
    assert works.work(run.id).state is RunState.FAILED
    works.calm()
    works.join("p5@post.no", "pending", FNAME="Own")
    progress.resume(works.store, ME, run.id)
    ended = works.work(run.id)
    assert (ended.outcomes["added"], ended.outcomes["suppressed"]) == (5, 1)
    assert works.hold()["p5@post.no"].merge == {"FNAME": "Own"}


@pytest.mark.parametrize("then", ["503-html", "bare-429", "key-revoked"])
def test_what_may_have_been_applied_is_never_told_as_not_sent(works: Works, then: str) -> None:
    works.profiles(people(1))
    run = works.ask(works.ready(works.export(NAME, Options())))
    faults = [{"name": "reset-after", "on": "batch", "times": 1}, {"name": then, "after": 4}]
    works.admin("faults", faults=faults)

    def closing() -> bool:
        if works.run(run.id).phase == "sending" and works.count():
            live = works.run(run.id)
            if live.state is RunState.RUNNING and live.live:
                progress.cancel(works.store, ME, run.id)
        return False

    ended = works.work(run.id, closing)
    assert ended.state in (RunState.CANCELLED, RunState.FAILED)
    assert works.count() == 1
    assert Counter(works.told(run.id)["outcome"]) == {"in_doubt": 1}
    works.calm()
    progress.resume(works.store, ME, run.id)
    assert works.work(run.id).outcomes["added"] == 1


def test_who_is_in_doubt_and_has_more_tags_than_show_is_told_as_what_was_written(
    works: Works,
) -> None:
    works.profiles(people(1))
    works.join("p0@post.no")
    for number in range(52):
        works.tag(f"T{number}", "p0@post.no")
    run = works.ask(works.ready(works.export(NAME, Options())))
    lost = {"name": "reset-after", "on": "batch", "times": 1}
    works.admin("faults", faults=[lost, {"name": "503-html", "on": "batch", "after": 1}])
    works.admin("stats", reset=True)

    def closing() -> bool:
        if sent(works) and works.run(run.id).state is RunState.RUNNING:
            progress.cancel(works.store, ME, run.id)
        return False

    ended = works.work(run.id, closing)
    assert works.hold()["p0@post.no"].merge["FNAME"] == "N0"
    assert (ended.state, ended.outcomes["updated"]) == (RunState.CANCELLED, 1)
