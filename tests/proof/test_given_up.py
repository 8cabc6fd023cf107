"""What is given up while it waits, for an engine that nothing can interrupt or for Mailchimp."""

import threading
import time

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import Options
from lib.runs import opening, stages
from lib.runs.stages import Shop
from lib.store import plans, segments
from lib.store.plans import PlanState
from lib.store.runs import RunState
from tests.proof.company import ALL, NAME, people
from tests.proof.works import Works

SLOW = pytest.mark.slow
LONG = "||".join(["repeat(email, 10000)"] * 20)
FOREVER = f"{ALL} where levenshtein({LONG}, reverse({LONG}) || 'b') > 0"


@pytest.fixture
def export(works: Works) -> str:
    """Return an export of the segment."""
    works.profiles(people(1))
    return works.export(NAME, Options(), {"All": FOREVER})


def test_a_plan_that_is_given_up_ends_soon_and_the_next_one_is_made(
    works: Works, export: str
) -> None:
    begun = plans.begin(works.store, ME, export)
    shop = Shop(works.store, works.settings)
    work = threading.Thread(target=stages.plan, args=(shop, begun.id), daemon=True)
    work.start()
    time.sleep(1.5)
    assert work.is_alive(), "the query must take longer than that"
    plans.abandon(works.store, ME, begun.id, "Given up.")
    work.join(60)
    assert not work.is_alive()
    assert plans.get(works.store, ME, begun.id).state is PlanState.FAILED
    segments.edit(works.store, ME, "All", sql=ALL)
    assert works.push(export).outcomes["added"] == 1


@SLOW
@pytest.mark.parametrize("undo", [False, True])
def test_a_plan_that_is_given_up_does_not_wait_for_mailchimp(works: Works, undo: bool) -> None:
    works.profiles(people(1))
    export = works.export(NAME, Options())
    undoes = works.push(export).id if undo else ""
    begun = plans.begin(works.store, ME, export, undoes=undoes)
    works.admin("faults", faults=["bare-429"])
    shop = Shop(works.store, works.settings)
    work = threading.Thread(target=stages.plan, args=(shop, begun.id), daemon=True)
    work.start()
    # By then the waits are as long as people would notice.
    time.sleep(3)
    plans.abandon(works.store, ME, begun.id, "Given up.")
    asked_at = time.monotonic()
    work.join(60)
    # Sitting it out takes minutes.
    assert time.monotonic() - asked_at < 30


@pytest.mark.parametrize("phase", ["checking", pytest.param("reading back", marks=SLOW)])
def test_a_run_that_is_to_stop_does_not_wait_for_mailchimp(works: Works, phase: str) -> None:
    works.profiles(people(1))
    run = works.ask(works.ready(works.export(NAME, Options())))
    met: list[float] = []

    def closing() -> bool:
        if not met and works.run(run.id).phase == phase:
            works.admin("faults", faults=["bare-429"])
            met.append(time.monotonic())
        return bool(met) and time.monotonic() - met[0] > 3

    left = works.work(run.id, closing)
    assert left.state is RunState.RUNNING
    assert time.monotonic() - met[0] < 30
    works.calm()
    assert works.work(run.id).outcomes["added"] == 1


def test_a_plan_whose_segment_takes_longer_than_the_limit_says_so(
    works: Works, export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LONG_S", 1.0)
    plan = works.plan(export)
    assert plan.state is PlanState.FAILED
    assert "stopped after 1 seconds" in plan.message
