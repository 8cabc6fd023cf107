"""Numbers, shares, sizes, days and times as people read them, in the language of the session."""

from datetime import UTC, date, datetime

from lib.ui import language
from lib.ui.text import _

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86400
_MILLION = 1_000_000


def number(value: float) -> str:
    """Group thousands: 1,200,000."""
    return _written(f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}")


def estimate(value: float) -> str:
    """Say about how many there are, to two digits: ≈ 76,000, ≈ 1.2 M."""
    rounded = float(f"{value:.2g}")
    if rounded < _MILLION:
        return f"≈ {number(rounded)}"
    millions = _written(f"{rounded / _MILLION:,.10g}")
    return "≈ " + _("{count} M").format(count=millions)


def share(part: float, whole: float) -> str:
    """Say the part in per cent; tiny but not nothing stays visible."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return _written("< 0.1 %")
    if 99.9 < percent < 100:
        return _written("> 99.9 %")
    return _written(
        f"{percent:.0f} %" if percent >= 10 or percent.is_integer() else f"{percent:.1f} %"
    )


def duration(seconds: float) -> str:
    """Say a length of time: 340 ms, 12.4 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE_S:
        return _written(f"{seconds:.1f} s")
    if seconds < _HOUR_S:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return _("{hours} h {minutes} min").format(
        hours=int(seconds // _HOUR_S), minutes=int(seconds % _HOUR_S // 60)
    )


def size(count: int) -> str:
    """Say a number of bytes: 12 kB, 3.4 MB."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return _written(f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.1f} {unit}")


def day(moment: date) -> str:
    """Say a day in numbers: 2026-05-04."""
    return f"{moment:{language.spoken().day}}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago a moment was; without a time zone it is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - aware).total_seconds()
    if seconds < _MINUTE_S:
        return _("just now")
    if seconds < _HOUR_S:
        return _("{minutes} min ago").format(minutes=int(seconds // _MINUTE_S))
    if seconds < _DAY_S:
        return _("{hours} h ago").format(hours=int(seconds // _HOUR_S))
    return day(aware)


def _written(english: str) -> str:
    return language.spoken().written(english)
