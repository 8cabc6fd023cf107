"""What a condition can be about: columns of profiles, columns of related tables, and measures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.segments.members import ProfileTable
from lib.segments.operators import OPERATORS, Operator
from lib.segments.rules import Condition, Measure, Related
from lib.segments.schema import Kind, Table, kind_of
from lib.ui.text import _

_NUMERIC: tuple[Measure, ...] = ("sum", "avg", "min", "max")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing a condition can be about."""

    table: str
    """Empty for the table of profiles, or for the table that is already spoken of."""
    column: str
    kind: Kind
    measure: Measure | None = None
    """Over all related rows; None for a column of one row."""

    @property
    def key(self) -> str:
        """Names it in a session; stable while tables and columns keep their names."""
        return f"{self.table}|{self.column}|{self.measure or ''}"

    @property
    def label(self) -> str:
        """What people read."""
        if self.measure is None:
            return f"{self.table} · {self.column}" if self.table else self.column
        words = {
            "exists": _("{table}: has any"),
            "count": _("{table}: how many"),
            "sum": _("{table}: total of {column}"),
            "avg": _("{table}: average {column}"),
            "min": _("{table}: lowest {column}"),
            "max": _("{table}: highest {column}"),
        }[self.measure]
        return words.format(table=self.table, column=self.column)

    @property
    def operators(self) -> tuple[Operator, ...]:
        """How it can be compared; nothing when it holds or not by itself."""
        return () if self.measure == "exists" else OPERATORS[self.kind]


def of_profiles(tables: Sequence[Table], profile: ProfileTable) -> tuple[Subject, ...]:
    """List what a condition on profiles can be about, the profile's own columns first."""
    found = list(of_table(tables, profile.name))
    for table in tables:
        if table.name != profile.name and _related(table, profile):
            found += _measures(table, profile)
            found += [
                Subject(table.name, column.name, kind_of(column.type))
                for column in table.columns
                if column.name != profile.key
            ]
    return tuple(found)


def of_table(tables: Sequence[Table], name: str) -> tuple[Subject, ...]:
    """List the columns of one table."""
    columns = next((table.columns for table in tables if table.name == name), ())
    return tuple(Subject("", column.name, kind_of(column.type)) for column in columns)


def subject_of(rule: Condition | Related) -> str:
    """Return the key of the subject of a rule."""
    measure = rule.measure if isinstance(rule, Related) else ""
    return f"{rule.table}|{rule.column}|{measure}"


def _related(table: Table, profile: ProfileTable) -> bool:
    return any(column.name.casefold() == profile.key.casefold() for column in table.columns)


def _measures(table: Table, profile: ProfileTable) -> Iterator[Subject]:
    yield Subject(table.name, "", Kind.TRUTH, "exists")
    yield Subject(table.name, "", Kind.NUMBER, "count")
    for column in table.columns:
        is_id = column.name == profile.key or column.name.endswith("_id")
        if kind_of(column.type) is Kind.NUMBER and not is_id:
            for measure in _NUMERIC:
                yield Subject(table.name, column.name, Kind.NUMBER, measure)
