"""Rules of a segment: everything about them that other rooms need, from one place."""

from lib.segments.compile import to_sql
from lib.segments.document import describe, from_json, to_json
from lib.segments.operators import ANY_NUMBER, MISSING, OPERATORS, Operator
from lib.segments.schema import Kind, kind_of
from lib.segments.tree import Condition, Group, Measure, Related, Rule

__all__ = [
    "ANY_NUMBER",
    "MISSING",
    "OPERATORS",
    "Condition",
    "Group",
    "Kind",
    "Measure",
    "Operator",
    "Related",
    "Rule",
    "describe",
    "from_json",
    "kind_of",
    "to_json",
    "to_sql",
]
