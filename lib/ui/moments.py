"""Moments as the organisation reads them: in its time zone, with the weekday, as near as they are.

The store keeps UTC; whoever plans an export for Monday at seven means the clock on the wall.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from lib.ui import language
from lib.ui.text import _


def said(moment: datetime, zone: str, *, now: datetime | None = None) -> str:
    """Say a moment: “today 14:00”, “tomorrow 07:00”, “Mon 30 Nov 07:00”, with the year when far.

    Args:
        moment: aware, or UTC.
        zone: the organisation's, such as ``Europe/Oslo``.
        now: the present moment, aware.
    """
    here, today = local(moment, zone), local(now or datetime.now(UTC), zone)
    clock = f"{here:%H:%M}"
    names = {-1: _("yesterday {clock}"), 0: _("today {clock}"), 1: _("tomorrow {clock}")}
    if sentence := names.get((here.date() - today.date()).days):
        return sentence.format(clock=clock)
    near = abs(here - today) < timedelta(days=180)
    form = "EEE d MMM HH:mm" if near else "EEE d MMM y HH:mm"
    return str(format_datetime(here, form, locale=language.spoken().code))


def exact(moment: datetime, zone: str) -> str:
    """Say a moment by date and clock alone: 2026-11-30 07:00."""
    return f"{local(moment, zone):{language.spoken().day} %H:%M}"


def local(moment: datetime, zone: str) -> datetime:
    """Return the moment by the organisation's clock; without a time zone it is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))
