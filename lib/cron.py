"""Cron: when something recurs, by the clock on the organisation's wall.

The day on which clocks change has every time once: one that does not exist comes right after the
gap, one that exists twice comes the first time. Moments are aware and in UTC, as everywhere.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter  # type: ignore[import-untyped]

from lib.errors import InputError, SettingsError

LEAST = timedelta(minutes=5)
"""Least time between two occurrences: an export reads a whole audience each time."""
MANY = 100
"""Occurrences that were missed are counted so far."""
SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_EXAMPLE = "Write five fields, minute hour day month weekday, such as 0 6 * * 1-5."
_LOOK_AHEAD = 300
"""Occurrences looked at for the least time: a day of every five minutes, and a bit."""

Kind = Literal["minutes", "hourly", "daily", "weekly", "monthly", "custom"]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What an expression says, as far as it can be put into words."""

    kind: Kind
    every: int = 0
    """Minutes between two occurrences, of ``minutes``."""
    times: tuple[tuple[int, int], ...] = ()
    """(hour, minute) of ``daily``, ``weekly`` and ``monthly``; of ``hourly`` the hour is 0."""
    weekdays: tuple[int, ...] = ()
    """1 Monday … 7 Sunday, of ``weekly``."""
    days: tuple[int, ...] = ()
    """Days of the month, of ``monthly``."""


@dataclass(frozen=True, slots=True)
class Due:
    """What became due since somebody last looked."""

    at: datetime
    """The newest occurrence that has come."""
    before: int
    """How many came before that one and were missed too; at most MANY."""


def check(expression: str) -> str:
    """Return the expression with one spelling.

    Args:
        expression: five fields, or a short form such as ``@daily``.

    Raises:
        InputError: it is none, never comes, or comes too often.
    """
    given = " ".join(expression.split()).lower()
    given = SHORT.get(given, given)
    fields = given.split()
    if len(fields) != 5 or any(re.match(r"[hr]($|[(/])", field) for field in fields):
        raise InputError(f"“{expression.strip()}” is no schedule. {_EXAMPLE}")
    walls = list(islice(_walls(given, datetime(2026, 1, 1)), _LOOK_AHEAD))
    if not walls:
        raise InputError(f"The schedule “{given}” names a day that no year has. {_EXAMPLE}")
    if any(later - sooner < LEAST for sooner, later in pairwise(walls)):
        raise InputError(
            f"The schedule “{given}” comes more often than every {LEAST.seconds // 60} minutes;"
            " choose fewer times."
        )
    return given


def upcoming(expression: str, zone: str, after: datetime, count: int) -> tuple[datetime, ...]:
    """Return the next occurrences.

    Args:
        expression: as ``check`` returns it.
        zone: IANA name of the time zone.
        after: aware; an occurrence at this very moment is not one of the next.
        count: at most so many.

    Raises:
        InputError: the expression is none.
        SettingsError: there is no such zone.
    """
    return tuple(islice(_moments(expression, _zone(zone), after), count))


def due(expression: str, zone: str, since: datetime, now: datetime) -> Due | None:
    """Return the newest occurrence after ``since`` and until ``now``; None when there was none.

    Raises:
        InputError: the expression is none.
        SettingsError: there is no such zone.
    """
    there = _zone(zone)
    came = list(
        islice(takewhile(lambda at: at <= now, _moments(expression, there, since)), MANY + 1)
    )
    if not came:
        return None
    newest = came[-1] if len(came) <= MANY else _latest(expression, there, now)
    return Due(newest, len(came) - 1)


def describe(expression: str) -> Recurrence:
    """Return what an expression says; ``custom`` when that is best said by itself or by dates.

    Raises:
        InputError: the expression is none.
    """
    try:
        (minutes, hours, days, months, weekdays), nth, *_ = croniter.expand(expression)
    except CroniterError:
        raise InputError(f"“{expression}” is no schedule. {_EXAMPLE}") from None
    given = [field for field in (days, months, weekdays) if field != ["*"]]
    if nth or re.search(r"[lw#]", expression.lower().partition(" ")[2].replace("wed", "")):
        return Recurrence("custom")
    if hours == ["*"]:
        return _within_hours(list(range(60)) if minutes == ["*"] else minutes, bool(given))
    times = tuple((hour, minute) for hour in hours for minute in minutes if minutes != ["*"])
    if not times or len(given) > 1 or months != ["*"]:
        return Recurrence("custom")
    if weekdays != ["*"]:
        iso = tuple(sorted(day or 7 for day in weekdays))
        return Recurrence("weekly", times=times, weekdays=iso)
    if days != ["*"]:
        return Recurrence("monthly", times=times, days=tuple(days))
    return Recurrence("daily", times=times)


def _within_hours(minutes: list[int], restricted: bool) -> Recurrence:
    if restricted:
        return Recurrence("custom")
    if len(minutes) == 1:
        return Recurrence("hourly", times=((0, minutes[0]),))
    apart = {later - sooner for sooner, later in pairwise([*minutes, minutes[0] + 60])}
    return Recurrence("minutes", every=apart.pop()) if len(apart) == 1 else Recurrence("custom")


def _moments(expression: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Go through the occurrences after a moment; two that fall on one moment are one."""
    last = after.astimezone(UTC)
    wall = after.astimezone(zone).replace(tzinfo=None, microsecond=0)
    for occurrence in _walls(expression, wall):
        moment = _moment(occurrence, zone)
        if moment > last:
            last = moment
            yield moment


def _latest(expression: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the newest occurrence until now; there must be one."""
    local = now.astimezone(zone)
    # In the hour that clocks show again, all that the first showing had lies behind.
    shown_twice = (local.replace(fold=0).utcoffset() or _NONE) - (local.utcoffset() or _NONE)
    wall = local.replace(tzinfo=None, microsecond=0) + shown_twice + timedelta(seconds=1)
    back = _walls(expression, wall, back=True)
    return next(moment for moment in (_moment(wall, zone) for wall in back) if moment <= now)


_NONE = timedelta(0)


def _walls(expression: str, start: datetime, *, back: bool = False) -> Iterator[datetime]:
    """Go through what the clock on the wall shows at each occurrence, from a naive time on."""
    try:
        found = croniter(expression, start, ret_type=datetime)
        step = found.get_prev if back else found.get_next
    except (CroniterError, TypeError):
        raise InputError(f"“{expression}” is no schedule. {_EXAMPLE}") from None
    while True:
        try:
            wall: datetime = step()
        except CroniterError:
            return
        yield wall


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clocks of the zone show this for the first time, or first show more."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # Read with the time of after the gap it lies before it, and the other way round (PEP 495).
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()

    def is_past(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    span = range(int((moment - before).total_seconds()) + 1)
    return before + timedelta(seconds=bisect_left(span, True, key=is_past))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"The setting MUSTER_TIME_ZONE names no time zone: “{name}”. Write it like Europe/Oslo."
        ) from None
