"""A value as commands print it: in words for people, as JSON has it for programs."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum


def words(value: object, *, grouped: bool = True) -> str:
    """Return a value for a cell of a table.

    Args:
        value: any.
        grouped: digits of whole numbers in groups of three; not of data, which may be ids.
    """
    match value:
        case None:
            said = "–"
        case bool():
            said = "yes" if value else "no"
        case int():
            said = f"{value:,}" if grouped else str(value)
        case datetime():
            said = value.strftime("%Y-%m-%d %H:%M:%S")
        case bytes():
            said = value.hex()
        case Mapping():
            said = ", ".join(_part(str(key), part, grouped) for key, part in value.items())
        case list() | tuple():
            said = ", ".join(words(part, grouped=grouped) for part in value)
        case _:
            said = str(value)
    return said


def _part(key: str, value: object, grouped: bool) -> str:
    said = words(value, grouped=grouped)
    return f"{key} ({said})" if isinstance(value, Mapping) else f"{key} {said}"


def plain(value: object) -> object:
    """Return a value as JSON can hold it: what it has no form of becomes text or null."""
    match value:
        case None | bool() | int():
            made: object = value
        case Enum():
            made = value.value
        case str():
            made = value
        case float():
            made = value if math.isfinite(value) else None
        case Decimal():
            made = _number(value)
        case date() | time():
            made = value.isoformat()
        case bytes():
            made = value.hex()
        case Mapping():
            made = {str(key): plain(part) for key, part in value.items()}
        case list() | tuple() | set() | frozenset():
            made = [plain(part) for part in value]
        case _:
            made = str(value)
    return made


def _number(value: Decimal) -> object:
    """Return a number of the same value; the text of one that a double would round."""
    if not value.is_finite():
        return None
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)
