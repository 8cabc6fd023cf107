"""Members who left every segment, and what becomes of them when something happens in between."""

import pytest

from lib.contacts.options import OnLeave, Options
from lib.runs import stages
from lib.runs.stages import Shop
from lib.store.plans import Plan
from lib.store.runs import Run, RunState
from tests.proof.company import NAME, people
from tests.proof.works import Works, assert_sums_agree


def leaving(works: Works, on_leave: OnLeave) -> Plan:
    """Have six members whom an export added, and the plan after five of them left."""
    works.profiles(people(6))
    export = works.export(NAME, Options(on_leave=on_leave))
    works.push(export)
    works.profiles(people(1))
    plan = works.ready(export)
    assert plan.counts["fates"]["left"] == 5
    return plan


def outcomes(works: Works, run: Run) -> dict[str, str]:
    return dict(works.told(run.id).select("email", "outcome").iter_rows())


def gone(works: Works) -> int:
    return sum(one.status == "archived" for one in works.hold().values())


@pytest.mark.parametrize("on_leave", [OnLeave.UNTAG, OnLeave.ARCHIVE])
@pytest.mark.parametrize("resumed", [False, True])
def test_a_leaver_who_unsubscribes_before_anything_is_sent_is_told_as_suppressed(
    works: Works, small_batches: None, on_leave: OnLeave, resumed: bool
) -> None:
    run = works.ask(leaving(works, on_leave))
    if resumed:
        assert stages.check(Shop(works.store, works.settings), run.id)
    works.befall("p1@post.no", "self")
    works.befall("p2@post.no", "forgotten")
    before = works.hold()["p1@post.no"]
    run = works.work(run.id)
    told = outcomes(works, run)
    assert (told.pop("p1@post.no"), told.pop("p2@post.no")) == ("suppressed", "not_sent")
    assert set(told.values()) == {"left", "unchanged"}
    assert works.hold()["p1@post.no"] == before
    assert_sums_agree(works, run)


def test_a_leaver_archived_by_a_call_whose_answer_was_lost_is_told_as_left(
    works: Works, small_batches: None
) -> None:
    run = works.ask(leaving(works, OnLeave.ARCHIVE))
    works.admin("faults", faults=[{"name": "reset-after", "on": "writes"}])
    left = works.work(run.id, lambda: works.run(run.id).phase == "sending" and gone(works) > 0)
    assert left.state is RunState.RUNNING
    works.calm()
    run = works.work(run.id)
    assert (run.outcomes["left"], gone(works)) == (5, 5)
