"""What a table's columns hold, in a few quick queries: shares, extremes, and their shape.

Written for DuckDB's dialect; works on any warehouse that speaks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from lib.errors import NotFoundError
from lib.sql import Sql, ident
from lib.warehouse import Column, Table, Warehouse, distinct

Kind = Literal["number", "date", "text", "boolean", "other"]
Value = str | int | float | Decimal | bool | date | datetime | None

BARS: Final = 24
TOP: Final = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram: values from ``low`` up to ``high``."""

    low: Value
    high: Value
    rows: int


@dataclass(frozen=True, slots=True)
class TopValue:
    """A value that many rows have."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """What one column holds."""

    column: str
    type: str
    kind: Kind
    rows: int
    nulls: int
    empty: int
    """Texts that are empty or only blanks."""
    distinct: int
    exact: bool
    """Whether ``distinct`` was counted; an estimate is some per cent off."""
    minimum: Value = None
    """Of a text: its shortest length, in characters."""
    maximum: Value = None
    """Of a text: its longest length, in characters."""
    mean: float | None = None
    """Of a text: its mean length, in characters."""
    bars: tuple[Bar, ...] = ()
    """Of numbers and dates, when asked for one column."""
    top: tuple[TopValue, ...] = ()
    """Of texts and booleans, when asked for one column; the most frequent first."""


def summarise_table(
    warehouse: Warehouse, table: str, *, tag: str = ""
) -> tuple[ColumnSummary, ...]:
    """Summarise all columns in one pass, without bars and top values.

    Raises:
        NotFoundError: no such table.
    """
    found = _table(warehouse, table)
    summaries = _overview(warehouse, found, found.columns, tag)
    return _counted(warehouse, found, summaries, tag)


def summarise(warehouse: Warehouse, table: str, column: str, *, tag: str = "") -> ColumnSummary:
    """Summarise one column, with a histogram or its top values.

    Raises:
        NotFoundError: no such table or column.
    """
    found = _table(warehouse, table)
    for wanted in found.columns:
        if wanted.name == column:
            overview = _overview(warehouse, found, (wanted,), tag)
            (summary,) = _counted(warehouse, found, overview, tag, keys=True)
            return _with_shape(warehouse, found, summary, tag)
    raise NotFoundError(f"The table {table} has no column {column}; choose another.")


def _table(warehouse: Warehouse, name: str) -> Table:
    for table in warehouse.tables():
        if table.name == name:
            return table
    raise NotFoundError(f"The warehouse has no table {name}; choose another.")


def kind_of(type_name: str) -> Kind:
    """Say what a type of the engine is to people."""
    name = type_name.upper()
    if name.endswith("]") or name.startswith(("STRUCT", "MAP", "UNION")):
        return "other"
    if name.startswith(("DATE", "TIMESTAMP")):
        return "date"
    if name.startswith(("VARCHAR", "ENUM", "UUID", "TEXT")):
        return "text"
    if name == "BOOLEAN":
        return "boolean"
    numbers = ("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "UHUGEINT")
    return (
        "number"
        if name.endswith("INT") or name.startswith((*numbers, "INTEGER", "UINTEGER"))
        else "other"
    )


def _overview(
    warehouse: Warehouse, table: Table, columns: Sequence[Column], tag: str
) -> tuple[ColumnSummary, ...]:
    parts = [part for column in columns for part in _parts(column)]
    query = f"SELECT count(*), {', '.join(parts)} FROM {ident(table.name)}"  # noqa: S608
    (values,) = _rows(warehouse, query, tag)
    rows, rest = int(values[0]), values[1:]
    return tuple(
        _summary(column, rows, rest[6 * n : 6 * n + 6]) for n, column in enumerate(columns)
    )


def _parts(column: Column) -> list[str]:
    """Give the six aggregates of a column: count, distinct, empty, minimum, maximum, mean."""
    name, kind = ident(column.name), kind_of(column.type)
    if kind == "boolean":
        both = f"coalesce(bool_or({name})::INT + bool_or(NOT {name})::INT, 0)"
        return [f"count({name})", both, "0", "NULL", "NULL", f"avg({name}::INT)"]
    head = [f"count({name})", f"approx_count_distinct({name})"]
    if kind == "text":
        held, size = f"{name}::VARCHAR", f"length({name}::VARCHAR)"
        # What begins with a letter need not be trimmed, which takes three times as long.
        rest = f"CASE WHEN {held} BETWEEN '!' AND '~' THEN NULL ELSE trim({held}) = '' END"
        blank = f"count(*) FILTER ({rest})"
        return [*head, blank, f"min({size})", f"max({size})", f"avg({size})"]
    if kind == "number":
        return [*head, "0", f"min({name})", f"max({name})", f"avg({name})::DOUBLE"]
    if kind == "date":
        return [*head, "0", f"min({name})", f"max({name})", "NULL"]
    return [*head, "0", "NULL", "NULL", "NULL"]


def _summary(column: Column, rows: int, values: Sequence[Any]) -> ColumnSummary:
    held, different, empty, minimum, maximum, mean = values
    kind = kind_of(column.type)
    return ColumnSummary(
        column.name,
        column.type,
        kind,
        rows,
        rows - int(held),
        int(empty),
        min(int(different), int(held)),
        kind == "boolean",
        minimum,
        maximum,
        None if mean is None else float(mean),
    )


def _counted(
    warehouse: Warehouse,
    table: Table,
    summaries: tuple[ColumnSummary, ...],
    tag: str,
    *,
    keys: bool = False,
) -> tuple[ColumnSummary, ...]:
    """Return the summaries with their distinct values counted where that is worth it."""
    wanted = [each.column for each in summaries if _is_worth_it(each, keys=keys)]
    rows = max((each.rows for each in summaries), default=0)
    wanted = wanted[: max(1, distinct.MOST_CELLS // max(1, rows))]
    counts = distinct.count(warehouse, table.name, wanted, tag=tag)
    return tuple(
        replace(each, distinct=counts[each.column], exact=True) if each.column in counts else each
        for each in summaries
    )


def _is_worth_it(summary: ColumnSummary, *, keys: bool) -> bool:
    if summary.exact:
        return False
    if keys and distinct.may_be_key(summary.rows - summary.nulls, summary.distinct):
        return True
    return distinct.is_quick(summary.rows, summary.distinct, nested=summary.kind == "other")


def _with_shape(
    warehouse: Warehouse, table: Table, summary: ColumnSummary, tag: str
) -> ColumnSummary:
    ends = summary.minimum, summary.maximum
    if summary.kind in ("number", "date") and not any(isinstance(e, str | None) for e in ends):
        return replace(summary, bars=_bars(warehouse, table, summary, tag))
    if summary.kind in ("text", "boolean"):
        return replace(summary, top=_top(warehouse, table, summary, tag))
    return summary


def _top(
    warehouse: Warehouse, table: Table, summary: ColumnSummary, tag: str
) -> tuple[TopValue, ...]:
    name = ident(summary.column)
    query = (
        f"SELECT {name}::VARCHAR AS value, count(*) AS many FROM {ident(table.name)} "  # noqa: S608
        f"WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY many DESC, value LIMIT {TOP}"
    )
    return tuple(TopValue(str(row[0]), int(row[1])) for row in _rows(warehouse, query, tag))


def _bars(warehouse: Warehouse, table: Table, summary: ColumnSummary, tag: str) -> tuple[Bar, ...]:
    low, high = _number(summary.minimum), _number(summary.maximum)
    bars, width = _grid(summary, low, high)
    number = f"epoch({ident(summary.column)})" if summary.kind == "date" else ident(summary.column)
    query = (
        f"SELECT least({bars - 1}, floor(({number}::DOUBLE - ?) / ?))::INT AS bar, count(*) "  # noqa: S608
        f"FROM {ident(table.name)} WHERE isfinite({number}::DOUBLE) GROUP BY 1"
    )
    counted = {int(row[0]): int(row[1]) for row in _rows(warehouse, query, tag, (low, width))}
    edges = [low + width * n for n in range(bars + 1)]
    return tuple(
        Bar(_back(edges[n], summary), _back(edges[n + 1], summary), counted.get(n, 0))
        for n in range(bars)
    )


def _grid(summary: ColumnSummary, low: float, high: float) -> tuple[int, float]:
    """Return how many bars and their width; a bar for each whole number when those are few."""
    whole = summary.kind == "number" and "INT" in summary.type.upper()
    if whole and high - low < BARS:
        return int(high - low) + 1, 1.0
    return (BARS, (high - low) / BARS) if high > low else (1, 1.0)


def _number(value: Value) -> float:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return float(value or 0)


def _back(edge: float, summary: ColumnSummary) -> Value:
    if summary.kind == "number":
        return edge
    moment = datetime.fromtimestamp(edge, UTC)
    return moment.date() if summary.type == "DATE" else moment.replace(tzinfo=None)


def _rows(
    warehouse: Warehouse, query: str, tag: str, params: tuple[float, ...] = ()
) -> list[tuple[Any, ...]]:
    found = warehouse.preview(Sql(query, params), 1000, tag=tag).rows
    columns = [column.to_pylist() for column in found.columns]
    return list(zip(*columns, strict=True))
