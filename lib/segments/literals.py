"""Values of rules as SQL literals, checked against the kind they must have."""

import math
import re
from datetime import date
from decimal import Decimal, InvalidOperation

from lib.errors import RuleError
from lib.segments.schema import Kind
from lib.sql import text
from lib.sql.patterns import is_pattern

Value = str | int | float | bool

MOST_DAYS = 100_000

_NOT_IN_RE2 = re.compile(r"\(\?(?:[=!(>]|<[=!])|\\[1-9]|[*+?}]\+|\\Z")
"""What Python's regular expressions have and the engine's have not."""


def literal(value: Value, kind: Kind) -> str:
    """Return a value as SQL.

    Raises:
        RuleError: the value is not of that kind.
    """
    if kind == Kind.NUMBER:
        return _number(value)
    if kind == Kind.DATE:
        return _date(value)
    if not isinstance(value, str) or isinstance(value, bool):
        return f"lower({text(str(value).lower())})"
    if "\x00" in value:
        raise RuleError("A text cannot hold the character NUL; take it out.")
    # Lowered by the engine, so that both sides follow the same rules.
    return f"lower({text(value)})"


def days(value: Value) -> str:
    """Return a number of days as SQL.

    Raises:
        RuleError: it is no whole number of days, or out of bounds.
    """
    number = _number(value)
    if not re.fullmatch(r"\d+", number) or int(number) > MOST_DAYS:
        raise RuleError(f"{value} is no number of days; give a whole number up to {MOST_DAYS:,}.")
    return number


def pattern(value: Value) -> str:
    """Return a regular expression as SQL; it ignores case like every other comparison.

    Raises:
        RuleError: it is malformed.
    """
    try:
        re.compile(str(value))
    except re.error as error:
        raise RuleError(f"The pattern {value} is malformed: {error}.") from error
    except (OverflowError, RecursionError):
        raise _too_much(value) from None
    if _NOT_IN_RE2.search(str(value)):
        raise RuleError(f"The pattern {value} looks around or back; write it without that.")
    if not is_pattern(f"(?i){value}"):
        raise _too_much(value)
    return text(f"(?i){value}")


def _too_much(value: Value) -> RuleError:
    return RuleError(
        f"The pattern {str(value)[:40]} is too much or too odd for the engine; write a simpler one."
    )


def _number(value: Value) -> str:
    if isinstance(value, bool):
        raise RuleError(f"{value} is not a number; give a number such as 100 or 9.5.")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise RuleError(f"{value} is not a number; give a number such as 100 or 9.5.") from None
    if not math.isfinite(number) or abs(number) >= Decimal(10) ** 30:
        raise RuleError(f"{value} is not a number that can be compared; give a smaller one.")
    return format(number, "f")


def _date(value: Value) -> str:
    try:
        day = date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise RuleError(f"{value} is not a date; write it as 2026-12-31.") from None
    return f"date {text(day.isoformat())}"
