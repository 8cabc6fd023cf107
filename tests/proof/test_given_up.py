"""A segment that keeps the engine busy for ever, in a way that no engine can interrupt."""

import threading
import time

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.runs import opening, stages
from lib.runs.stages import Shop
from lib.store import plans, segments
from lib.store.plans import PlanState
from tests.proof.works import Works

NAME = Matching("email", (FieldMatch("FNAME", "first_name"),))
ALL = "select profile_id from profiles"
LONG = "||".join(["repeat(email, 10000)"] * 20)
FOREVER = f"{ALL} where levenshtein({LONG}, reverse({LONG}) || 'b') > 0"


@pytest.fixture
def export(works: Works) -> str:
    """Return an export of the segment."""
    works.profiles([{"profile_id": 0, "email": "p0@post.no", "first_name": "N"}])
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
    work.join(8)
    assert not work.is_alive()
    assert plans.get(works.store, ME, begun.id).state is PlanState.FAILED
    segments.edit(works.store, ME, "All", sql=ALL)
    assert works.push(export).outcomes["added"] == 1


def test_a_plan_whose_segment_takes_longer_than_the_limit_says_so(
    works: Works, export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LONG_S", 1.0)
    plan = works.plan(export)
    assert plan.state is PlanState.FAILED
    assert "stopped after 1 seconds" in plan.message
