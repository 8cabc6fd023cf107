from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import cron
from lib.ui.exports import recurrence
from lib.ui.exports.recurrence import LAST, Often, Picked

CLOCKS = st.times().map(lambda at: time(at.hour, at.minute))
WEEKDAYS = st.sets(st.integers(1, 7), min_size=1, max_size=6).map(sorted).map(tuple)
DAYS = st.sets(st.integers(1, LAST), min_size=1, max_size=20).map(sorted).map(tuple)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(list(Often)[:-1]), CLOCKS, WEEKDAYS, DAYS)
def test_what_was_picked_is_shown_again_as_it_was_picked(
    often: Often, at: time, weekdays: tuple[int, ...], days: tuple[int, ...]
) -> None:
    wish = Picked(often, at, weekdays, days)
    shown = recurrence.picked(cron.check(recurrence.written(wish)))
    if often is Often.WEEKLY and weekdays == recurrence.WORKING_DAYS:
        often = Often.WORKING
    assert (shown.often, shown.at) == (often, at)
    if often is Often.WEEKLY:
        assert shown.weekdays == weekdays
    if often is Often.MONTHLY:
        assert shown.days == days


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("0 7 * * *", "every day at 07:00"),
        ("0 7 * * 1-5", "every working day at 07:00"),
        ("30 6 * * 1,4", "every Monday and Thursday at 06:30"),
        ("0 7 15,l * *", "each month on day 15 and the last day at 07:00"),
        ("*/15 * * * *", "every 15 minutes"),
        ("5 * * * *", "every hour at minute 5"),
        ("0 7 * * 1#1", "cron 0 7 * * 1#1"),
    ],
)
def test_a_schedule_is_said_in_words(expression: str, said: str) -> None:
    assert recurrence.sentence(expression) == said


def test_the_schedule_of_an_export_says_what_it_follows() -> None:
    assert recurrence.schedule("", "0 7 * * *") == "with the refresh, every day at 07:00"
    assert recurrence.schedule("", "") == "with the refresh"
    assert recurrence.schedule("off", "0 7 * * *") == "by hand"


def test_without_a_day_there_is_nothing_to_write() -> None:
    assert recurrence.written(Picked(Often.WEEKLY, weekdays=())) == ""
