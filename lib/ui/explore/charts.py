"""Which chart suits a result, by the types of its columns; how it is drawn is ``drawing``'s."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

MOST_COLOURS = 8
"""More colours than this nobody tells apart."""


class Kind(StrEnum):
    """Kinds of charts a person can choose."""

    BARS = "bars"
    LINE = "line"
    POINTS = "points"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw."""

    kind: Kind
    x: str
    y: str = ""
    """Empty: the number of rows."""
    colour: str = ""


def suggest(rows: pl.DataFrame) -> Chart | None:
    """Choose a chart by the types of the columns; None when nothing can be drawn.

    A moment and a number become a line, a category and a number bars, two numbers points, one
    number its histogram, one category the count of its rows.
    """
    times, numbers, categories = _by_type(rows)
    if rows.is_empty() or not (times or numbers or categories):
        return None
    if times and numbers:
        return Chart(Kind.LINE, times[0], numbers[0], _colour(rows, categories))
    if categories and numbers:
        return Chart(Kind.BARS, categories[0], numbers[0], _colour(rows, categories[1:]))
    if len(numbers) > 1:
        return Chart(Kind.POINTS, numbers[0], numbers[1])
    if numbers:
        return Chart(Kind.HISTOGRAM, numbers[0])
    return Chart(Kind.BARS, (categories or times)[0])


def drawable(rows: pl.DataFrame) -> list[str]:
    """List the columns that can stand on an axis."""
    times, numbers, categories = _by_type(rows)
    found = {*times, *numbers, *categories}
    return [name for name in rows.columns if name in found]


def numbers(rows: pl.DataFrame) -> list[str]:
    """List the columns that can be a height."""
    return _by_type(rows)[1]


def _colour(rows: pl.DataFrame, categories: list[str]) -> str:
    few = (name for name in categories if rows[name].n_unique() <= MOST_COLOURS)
    return next(few, "")


def _by_type(rows: pl.DataFrame) -> tuple[list[str], list[str], list[str]]:
    types = rows.schema
    times = [name for name, kind in types.items() if kind in {pl.Date} or kind == pl.Datetime]
    found = [name for name, kind in types.items() if kind.is_numeric()]
    categories = [
        name for name, kind in types.items() if kind in {pl.String, pl.Boolean, pl.Categorical}
    ]
    return times, found, categories
