"""Schedules in words, and the ones that most people mean, put together without writing cron."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from babel.dates import get_day_names
from babel.lists import format_list

from lib import cron
from lib.cron import Recurrence
from lib.ui import language
from lib.ui.text import _, plural

WORKING_DAYS = (1, 2, 3, 4, 5)
LAST = 32
"""The last day of a month, among its days; cron writes it ``l``."""
_MORNING = time(7)
_MOST_CLOCKS = 6
"""More times of a day are no sentence any more."""
_WITH_LAST = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) (?P<days>(\d+,)*l) \* \*")


class Often(StrEnum):
    """How often, as a person picks it."""

    DAILY = "daily"
    WORKING = "working"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Picked:
    """A schedule as the picker shows it."""

    often: Often
    at: time = _MORNING
    weekdays: tuple[int, ...] = (1,)
    """1 Monday … 7 Sunday."""
    days: tuple[int, ...] = (1,)
    """Days of the month; LAST is the last one."""
    expression: str = ""
    """What an expert wrote."""


def picked(expression: str) -> Picked:
    """Return how the picker shows a cron expression; an empty one is each working day at seven."""
    if not expression:
        return Picked(Often.WORKING)
    found = _with_last(expression) or cron.describe(expression)
    if len(found.times) != 1 or found.kind not in {"daily", "weekly", "monthly"}:
        return Picked(Often.EXPERT, expression=expression)
    at = time(*found.times[0])
    if found.kind == "weekly":
        often = Often.WORKING if found.weekdays == WORKING_DAYS else Often.WEEKLY
        return Picked(often, at, weekdays=found.weekdays, expression=expression)
    if found.kind == "monthly":
        return Picked(Often.MONTHLY, at, days=found.days, expression=expression)
    return Picked(Often.DAILY, at, expression=expression)


def _with_last(expression: str) -> Recurrence | None:
    """Read days of the month that end with the last one, of which cron tells no number."""
    fits = _WITH_LAST.fullmatch(expression.lower())
    if fits is None:
        return None
    days = tuple(LAST if day == "l" else int(day) for day in fits["days"].split(","))
    return Recurrence("monthly", times=((int(fits["hour"]), int(fits["minute"])),), days=days)


def written(wish: Picked) -> str:
    """Write what was picked as cron; empty while something is missing."""
    clock = f"{wish.at.minute} {wish.at.hour}"
    return {
        Often.DAILY: f"{clock} * * *",
        Often.WORKING: f"{clock} * * 1-5",
        Often.WEEKLY: f"{clock} * * {_numbers(wish.weekdays)}" if wish.weekdays else "",
        Often.MONTHLY: f"{clock} {_numbers(wish.days)} * *" if wish.days else "",
        Often.EXPERT: wish.expression.strip(),
    }[wish.often]


def _numbers(chosen: Sequence[int]) -> str:
    return ",".join("l" if one == LAST else str(one) for one in sorted(chosen))


def sentence(expression: str) -> str:
    """Say a cron expression in words; one that is best said by its dates is quoted."""
    return _of(_with_last(expression) or cron.describe(expression)) or f"cron {expression}"


def _of(found: Recurrence) -> str:
    clocks = _listed([f"{hour:02}:{minute:02}" for hour, minute in found.times])
    if found.kind == "custom" or len(found.times) > _MOST_CLOCKS:
        return ""
    if found.kind == "minutes":
        return plural("every minute", "every {count} minutes", found.every)
    if found.kind == "hourly":
        return _("every hour at minute {minute}").format(minute=found.times[0][1])
    return _days(found).format(clock=clocks)


def _days(found: Recurrence) -> str:
    if found.weekdays == WORKING_DAYS:
        return _("every working day at {clock}")
    names = [weekday(day) for day in found.weekdays] + [day_of_month(day) for day in found.days]
    if found.kind == "weekly":
        return _("every {days} at {clock}").replace("{days}", _listed(names))
    if found.kind == "monthly":
        return _("each month on {days} at {clock}").replace("{days}", _listed(names))
    return _("every day at {clock}")


def weekday(day: int, *, short: bool = False) -> str:
    """Name a weekday: 1 Monday … 7 Sunday."""
    locale = language.spoken().code
    names = get_day_names("abbreviated" if short else "wide", locale=locale)
    return str(names[day - 1])


def day_of_month(day: int) -> str:
    """Name a day of the month."""
    return _("the last day") if day == LAST else _("day {day}").format(day=day)


def _listed(parts: Sequence[str]) -> str:
    return format_list(list(parts), locale=language.spoken().code)


def schedule(of: str, refresh: str) -> str:
    """Say the schedule of an export in words.

    Args:
        of: as an export keeps it: empty follows the refresh, ``off`` is by hand, else cron.
        refresh: cron of the refresh; empty when there is none.
    """
    if of == "off":
        return _("by hand")
    if of:
        return sentence(of)
    if not refresh:
        return _("with the refresh")
    return _("with the refresh, {when}").format(when=sentence(refresh))
