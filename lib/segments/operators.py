"""Operators of conditions: which kinds of type have which, how many values, and their SQL.

What a missing value means is decided once, so that it is what people expect: it meets no
condition that says what a value is, and every condition that says what it is not. Somebody
without a city is not in Oslo, so "city is not Oslo" includes them. Text is compared without regard
to case, and a text of spaces counts as missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.segments.schema import Kind

MISSING = (
    "A missing value meets only conditions that say what a value is not, and “is empty”. "
    "Upper and lower case do not matter."
)
"""What a missing value means, for people."""

ANY_NUMBER = -1
"""Arity of an operator that takes one value or more."""

TODAY = "current_date"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a kind."""

    name: str
    """Stable name, as kept in JSON."""
    label: str
    """In words, between column and value."""
    arity: int
    """How many values it takes; ANY_NUMBER for one or more."""
    sql: Callable[[str, Sequence[str]], str]
    """From the SQL of the column and of the values to a condition that may be NULL."""
    negated: bool = False
    """The condition is the exact opposite of ``sql``, so missing values meet it."""
    takes: Kind | None = None
    """Kind of its values when it is not the column's, such as a number of days."""


def _compare(sign: str) -> Callable[[str, Sequence[str]], str]:
    return lambda column, values: f"{column} {sign} {values[0]}"


def _between(column: str, values: Sequence[str]) -> str:
    return f"{column} between {values[0]} and {values[1]}"


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} in ({', '.join(values)})"


def _function(name: str) -> Callable[[str, Sequence[str]], str]:
    return lambda column, values: f"{name}({column}, {values[0]})"


def _is_missing(column: str, _: Sequence[str]) -> str:
    return f"{column} is null"


def _last(column: str, values: Sequence[str]) -> str:
    return f"{column} between {TODAY} - {values[0]} and {TODAY}"


def _next(column: str, values: Sequence[str]) -> str:
    return f"{column} between {TODAY} and {TODAY} + {values[0]}"


def _older(column: str, values: Sequence[str]) -> str:
    return f"{column} < {TODAY} - {values[0]}"


def _birthday_today(column: str, _: Sequence[str]) -> str:
    # In a common year, 29 February is kept on 28 February.
    return (
        f"(strftime({column}, '%m-%d') = strftime({TODAY}, '%m-%d') or "
        f"(strftime({column}, '%m-%d') = '02-29' and strftime({TODAY}, '%m-%d') = '02-28' "
        f"and strftime({TODAY} + 1, '%m-%d') = '03-01'))"
    )


def _birthday_month(column: str, _: Sequence[str]) -> str:
    return f"month({column}) = month({TODAY})"


_EMPTY = (
    Operator("empty", "is empty", 0, _is_missing),
    Operator("not_empty", "is not empty", 0, _is_missing, negated=True),
)
_SAME = (
    Operator("is", "is", 1, _compare("=")),
    Operator("is_not", "is not", 1, _compare("="), negated=True),
    Operator("one_of", "is one of", ANY_NUMBER, _one_of),
    Operator("none_of", "is none of", ANY_NUMBER, _one_of, negated=True),
)
_ORDER = (
    Operator("more", "is more than", 1, _compare(">")),
    Operator("at_least", "is at least", 1, _compare(">=")),
    Operator("less", "is less than", 1, _compare("<")),
    Operator("at_most", "is at most", 1, _compare("<=")),
    Operator("between", "is between", 2, _between),
)
_TEXT = (
    Operator("contains", "contains", 1, _function("contains")),
    Operator("not_contains", "does not contain", 1, _function("contains"), negated=True),
    Operator("starts", "starts with", 1, _function("starts_with")),
    Operator("ends", "ends with", 1, _function("ends_with")),
    Operator("matches", "matches", 1, _function("regexp_matches")),
)
_DATE = (
    Operator("on", "is on", 1, _compare("=")),
    Operator("not_on", "is not on", 1, _compare("="), negated=True),
    Operator("before", "is before", 1, _compare("<")),
    Operator("after", "is after", 1, _compare(">")),
    Operator("between", "is between", 2, _between),
    Operator("last_days", "is in the last days:", 1, _last, takes=Kind.NUMBER),
    Operator("not_last_days", "is not in the last days:", 1, _last, True, Kind.NUMBER),
    Operator("next_days", "is in the next days:", 1, _next, takes=Kind.NUMBER),
    Operator("older_days", "is further back than days:", 1, _older, takes=Kind.NUMBER),
    Operator("birthday_today", "has its anniversary today", 0, _birthday_today),
    Operator("birthday_month", "has its anniversary this month", 0, _birthday_month),
)
_TRUTH = (
    Operator("true", "is true", 0, lambda column, _: column),
    Operator("false", "is false", 0, lambda column, _: f"not {column}"),
    Operator("not_true", "is not true", 0, lambda column, _: column, negated=True),
)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (*_SAME, *_TEXT, *_EMPTY),
    Kind.NUMBER: (*_SAME, *_ORDER, *_EMPTY),
    Kind.DATE: (*_DATE, *_EMPTY),
    Kind.TRUTH: (*_TRUTH, *_EMPTY),
    Kind.OTHER: _EMPTY,
}
"""The operators of each kind of type, in the order in which they are offered."""
