"""Guard rails: what a plan or a run without a person's yes may come to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.runs.sending import rails
from lib.store.attempts import Before
from lib.store.guard import USUAL, Guard
from lib.store.runs import Run, RunState

counts = st.integers(0, 10_000)
percents = st.none() | st.floats(0, 100)


def plan(added: int = 0, left: int = 0, invalid: int = 0, unchanged: int = 0) -> dict[str, object]:
    fates = {"added": added, "left": left, "invalid": invalid, "unchanged": unchanged}
    return {"fates": fates, "contacts": added + invalid + unchanged}


def rail(guard: Guard, counts: dict[str, object], before: Before | None = None) -> str:
    found = rails.breach(guard, counts, before)
    return "" if found is None else found.rail


@given(counts, counts, counts, st.builds(Before, counts, counts))
def test_without_rails_nothing_is_stopped(
    added: int, left: int, invalid: int, before: Before
) -> None:
    assert rail(Guard(), plan(added, left, invalid), before) == ""


@given(counts, counts, st.sampled_from(["most_added", "most_removed"]))
def test_a_count_may_reach_its_rail_and_not_go_beyond(many: int, limit: int, name: str) -> None:
    found = rail(Guard(**{name: limit}), plan(added=many, left=many))
    assert found == (name if many > limit else "")


@given(counts, counts, st.integers(1, 10_000), st.floats(0, 100))
def test_rejections_are_the_invalid_and_those_of_last_time_in_per_cent(
    invalid: int, rejected: int, fine: int, limit: float
) -> None:
    guard = Guard(most_rejected_percent=limit)
    share = 100.0 * (invalid + rejected) / (invalid + fine)
    found = rail(guard, plan(invalid=invalid, unchanged=fine), Before(1, rejected))
    assert found == ("most_rejected_percent" if share > limit else "")


@given(counts, st.integers(1, 10_000), st.floats(0, 500))
def test_deviation_counts_up_and_down_and_never_on_the_first_run(
    now: int, then: int, limit: float
) -> None:
    guard = Guard(most_deviation_percent=limit)
    share = 100.0 * abs(now - then) / then
    found = rail(guard, plan(unchanged=now), Before(then, 0))
    assert found == ("most_deviation_percent" if share > limit else "")
    assert rail(guard, plan(unchanged=now)) == ""


@pytest.mark.parametrize(
    ("counts", "before", "expected"),
    [
        (plan(unchanged=0), Before(1_000, 0), "most_deviation_percent"),
        (plan(unchanged=1_400), Before(1_000, 0), ""),
        (plan(unchanged=1_600), Before(1_000, 0), "most_deviation_percent"),
        (plan(unchanged=5), Before(0, 0), "most_deviation_percent"),
        (plan(unchanged=0), Before(0, 0), ""),
        (plan(unchanged=80, invalid=20), None, "most_rejected_percent"),
        (plan(added=1_000_000), None, ""),
    ],
)
def test_the_usual_rails_stop_what_looks_like_broken_data(
    counts: dict[str, object], before: Before | None, expected: str
) -> None:
    assert rail(USUAL, counts, before) == expected


def test_a_breach_says_the_numbers_and_what_to_do() -> None:
    found = rails.breach(Guard(most_added=500), plan(added=1_200), None)
    assert found is not None
    assert "1,200" in found.message and "500" in found.message and "approve" in found.message


RUN = Run(
    id="run_x",
    export_id="exp_x",
    export_name="X",
    plan_id=None,
    connection_id=None,
    audience_id="",
    kind="push",
    undoes="",
    trigger="schedule",
    state=RunState.RUNNING,
    phase="sending",
    outcomes={},
    total=2_000,
    sent=0,
    rate_since=None,
    rate_sent=0,
    cancel_requested=False,
    attempts=1,
    requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    requested_by="worker",
    started_at=None,
    finished_at=None,
    message="",
)


@pytest.mark.parametrize(
    ("sent", "rejected", "stops"),
    [
        (499, 499, False),
        (500, 50, False),
        (500, 51, True),
        (1_999, 1_000, True),
        (2_000, 2_000, False),
    ],
    ids=["too few to say", "at the rail", "beyond", "nearly all", "nothing left to send"],
)
def test_rejections_stop_a_run_once_enough_were_answered(
    sent: int, rejected: int, stops: bool
) -> None:
    run = replace(RUN, sent=sent, outcomes={"rejected": rejected})
    found = rails.during(Guard(most_rejected_percent=10), run)
    assert (found is not None) == stops
    assert rails.during(Guard(), run) is None


def test_a_plan_that_stands_on_doubtful_counts_is_left_to_a_person() -> None:
    found = rails.breach(Guard(), plan(added=1), None, doubt="Mailchimp lists too few.")
    assert found is not None
    assert (found.rail, "Mailchimp lists too few. Look at the plan" in found.message) == (
        "doubt", True,
    )  # fmt: skip
