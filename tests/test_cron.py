"""Cron by the clock on the wall, against an oracle that looks at that clock every minute."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import cron
from lib.cron import Recurrence
from lib.errors import InputError, SettingsError

MINUTE = timedelta(minutes=1)
# Days around which clocks change: by an hour, by half an hour, across midnight, by a whole day.
CHANGES = [
    ("Europe/Oslo", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Oslo", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 6, 1, tzinfo=UTC)),
]
changes = st.sampled_from(CHANGES)
minutes = st.sets(st.integers(0, 59), min_size=1, max_size=4)
hours = st.sets(st.integers(0, 23), min_size=1, max_size=24)


def spelt(at: set[int]) -> str:
    return ",".join(map(str, sorted(at)))


def oracle(
    zone: str, first: datetime, last: datetime, minutes: set[int], hours: set[int]
) -> list[datetime]:
    """Look at the clock every minute: a time has come once the clock first shows it or more."""
    there, found = ZoneInfo(zone), []
    wall = shown = first.astimezone(there).replace(tzinfo=None)
    moment = first
    while moment <= last:
        shown = max(shown, moment.astimezone(there).replace(tzinfo=None))
        while wall <= shown:
            if wall.minute in minutes and wall.hour in hours:
                found.append(moment)
            wall += MINUTE
        moment += MINUTE
    return sorted(set(found))


@settings(deadline=None, max_examples=40)
@given(changes, minutes, hours)
def test_every_time_comes_once_on_the_days_when_clocks_change(
    change: tuple[str, datetime], minutes: set[int], hours: set[int]
) -> None:
    zone, around = change
    first, last = around - timedelta(hours=20), around + timedelta(hours=30)
    expected = oracle(zone, first, last, minutes, hours)
    expression = f"{spelt(minutes)} {spelt(hours)} * * *"
    found = cron.upcoming(expression, zone, first - MINUTE, len(expected) + 1)
    assert [at for at in found if at <= last] == expected


@settings(deadline=None, max_examples=60)
@given(changes, minutes, hours, st.integers(0, 3_000), st.integers(0, 3_000))
def test_what_is_due_is_the_newest_of_what_came(
    change: tuple[str, datetime], minutes: set[int], hours: set[int], ago: int, ahead: int
) -> None:
    zone, around = change
    since, now = around - ago * MINUTE, around + ahead * MINUTE
    expression = f"{spelt(minutes)} {spelt(hours)} * * *"
    came = [at for at in cron.upcoming(expression, zone, since, 1_000) if at <= now]
    due = cron.due(expression, zone, since, now)
    if not came:
        assert due is None
        return
    assert due is not None
    assert (due.at, due.before) == (came[-1], min(len(came) - 1, cron.MANY))
    assert cron.due(expression, zone, due.at, now) is None, "what was dealt with is not due again"


@settings(deadline=None, max_examples=40)
@given(changes, st.lists(st.integers(0, 5_000), max_size=6), st.integers(0, 59))
def test_however_often_somebody_looks_every_time_is_dealt_with_once(
    change: tuple[str, datetime], looks: list[int], minute: int
) -> None:
    zone, around = change
    expression, since = f"{minute} */3 * * *", around - timedelta(days=1)
    last, dealt, count = since, [], 0
    for look in [*sorted(looks), 5_000]:
        due = cron.due(expression, zone, last, since + look * MINUTE)
        if due is not None:
            dealt.append(due.at)
            count += 1 + due.before
            last = due.at
    end = since + 5_000 * MINUTE
    came = [at for at in cron.upcoming(expression, zone, since, 500) if at <= end]
    assert count == len(came)
    assert set(dealt) <= set(came)
    assert all(later > sooner for sooner, later in pairwise(dealt))


def test_in_oslo_half_past_two_comes_at_three_in_spring_and_once_in_autumn() -> None:
    spring = cron.upcoming("30 2 * * *", "Europe/Oslo", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert [f"{at.astimezone(ZoneInfo('Europe/Oslo')):%d %H:%M}" for at in spring] == [
        "29 03:00",
        "30 02:30",
    ]
    autumn = cron.upcoming("30 2 * * *", "Europe/Oslo", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert [f"{at.astimezone(ZoneInfo('Europe/Oslo')):%d %H:%M %z}" for at in autumn] == [
        "25 02:30 +0200",
        "26 02:30 +0100",
    ]


def test_a_year_of_misses_is_not_counted_to_the_end() -> None:
    due = cron.due(
        "*/5 * * * *",
        "Europe/Oslo",
        datetime(2025, 10, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 12, tzinfo=UTC),
    )
    # Clocks show two to three o'clock again at that moment, so what comes next is three.
    assert due == cron.Due(datetime(2026, 10, 25, 0, 55, tzinfo=UTC), cron.MANY)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  0   6 * *  MON-FRI ", "0 6 * * mon-fri"),
        ("@Daily", "0 0 * * *"),
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 0 L * *", "0 0 l * *"),
    ],
)
def test_an_expression_is_kept_in_one_spelling(given: str, kept: str) -> None:
    assert cron.check(given) == kept
    assert cron.check(kept) == kept


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("", "five fields"),
        ("tomorrow", "five fields"),
        ("0 6 * *", "five fields"),
        ("0 0 6 * * *", "five fields"),
        ("61 6 * * *", "five fields"),
        ("R R * * *", "five fields"),
        ("0 0 30 2 *", "no year"),
        ("0 0 31 4,6,9,11 *", "no year"),
        ("* * * * *", "more often"),
        ("0,58 0,23 * * *", "more often"),
    ],
)
def test_what_is_none_or_never_comes_or_too_often_is_refused(wrong: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        cron.check(wrong)


@given(st.text(max_size=20) | st.text("0123456789*/,-LW#? hr", max_size=20))
@settings(deadline=None)
def test_whatever_is_typed_is_kept_or_refused_in_words(typed: str) -> None:
    try:
        kept = cron.check(typed)
    except InputError:
        return
    cron.describe(kept)
    assert cron.upcoming(kept, "UTC", datetime(2026, 1, 1, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("expression", "means"),
    [
        ("0 6 * * *", Recurrence("daily", times=((6, 0),))),
        ("30 6,18 * * *", Recurrence("daily", times=((6, 30), (18, 30)))),
        ("0 6 * * mon-fri", Recurrence("weekly", times=((6, 0),), weekdays=(1, 2, 3, 4, 5))),
        ("0 6 * * 0,wed", Recurrence("weekly", times=((6, 0),), weekdays=(3, 7))),
        ("0 6 1,15 * *", Recurrence("monthly", times=((6, 0),), days=(1, 15))),
        ("15 * * * *", Recurrence("hourly", times=((0, 15),))),
        ("*/20 * * * *", Recurrence("minutes", every=20)),
        ("0 0 l * *", Recurrence("custom")),
        ("0 0 * * 5#3", Recurrence("custom")),
        ("0 6 1 * 1", Recurrence("custom")),
        ("0 6 1 1 *", Recurrence("custom")),
        ("0 * * * 1", Recurrence("custom")),
    ],
)
def test_what_an_expression_says(expression: str, means: Recurrence) -> None:
    assert cron.describe(expression) == means


def test_a_time_zone_that_there_is_not_names_the_setting() -> None:
    with pytest.raises(SettingsError, match="MUSTER_TIME_ZONE"):
        cron.upcoming("0 6 * * *", "Europe/Bergen", datetime(2026, 1, 1, tzinfo=UTC), 1)
