"""Rules of a segment: a tree of conditions on profiles and on rows related to them."""

from dataclasses import dataclass
from typing import Literal

from lib.segments.literals import Value

Match = Literal["all", "any"]
Measure = Literal["exists", "count", "sum", "avg", "min", "max"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one column.

    On a related table it asks whether some related row meets it.
    """

    table: str
    """Empty for the table of profiles."""
    column: str
    operator: str
    """Name of an operator in lib.segments.operators.OPERATORS."""
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """A condition on all the related rows of a profile: that there are any, or a measure of them.

    Rows are related when they have the profile's key in the column of the same name.
    """

    table: str
    measure: Measure
    column: str = ""
    """Column that is measured; empty for exists and count."""
    operator: str = ""
    """How the measure compares, one of those of numbers; empty for exists."""
    values: tuple[Value, ...] = ()
    where: "Group | None" = None
    """Only rows that meet this; its conditions are on columns of the related table."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rules of which all or any must hold; an empty group holds for everybody."""

    match: Match
    rules: "tuple[Group | Condition | Related, ...]" = ()
    negate: bool = False
    """Those for whom the group does not hold."""


Rule = Group | Condition | Related
