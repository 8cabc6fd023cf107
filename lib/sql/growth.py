"""Functions that can make a huge value of a small one, and how far they may go.

DuckDB works out one value of one function in one piece: neither the memory limit nor the time-out
nor an interrupt stops it meanwhile (observed with 2.0: ``repeat('x', 2000000000)`` took 4 GB and
24 s past both). So these are bounded before they run, with a sentence that says where. What gets
past them is killed with its process (``lib.warehouse.isolated``); long work has no such process, so
for it these bounds are the only ones.
"""

import re
from typing import Any, Final

from lib.errors import SqlError

MOST_CHARACTERS: Final = 10_000
MOST_ELEMENTS: Final = 100_000

_BOUNDED: Final = {
    "repeat": (1, MOST_CHARACTERS),
    "lpad": (1, MOST_CHARACTERS),
    "rpad": (1, MOST_CHARACTERS),
    "bitstring": (1, MOST_CHARACTERS),
    "to_base": (2, 64),
    "bar": (3, 1_000),
    "equi_width_bins": (2, 1_000),
}
"""Function, the position of the argument that says how much, and the most it may be."""

_SERIES: Final = frozenset({"range", "generate_series"})
_WIDE: Final = {
    "format": ("{{", re.compile(r"\{[^}]*(\d{4}|\{)")),
    "printf": ("%%", re.compile(r"%[^a-zA-Z%]*(\d{4}|\*)")),
}
"""Function, how it writes its sign as a plain one, and a place to fill in that could get wide."""

Node = dict[str, Any]


def refuse_growth(name: str, arguments: list[Node]) -> None:
    """Pass a call whose result stays small.

    Args:
        name: the function, in lower case.
        arguments: its arguments as the tree has them.

    Raises:
        SqlError: the result could be huge, or how big it gets is not written as a number.
    """
    if name in _BOUNDED:
        position, most = _BOUNDED[name]
        if len(arguments) > position and not _is_number(arguments[position], most):
            raise SqlError(
                f"In {name}() the length has to be a written number of at most {most:,}."
            )
    if name in _SERIES and not all(_is_number(each, MOST_ELEMENTS) for each in arguments):
        raise SqlError(
            f"Here {name}() takes written numbers up to {MOST_ELEMENTS:,}; after FROM it takes "
            "any, and dates too."
        )
    if name in _WIDE and arguments and not _is_narrow(name, arguments[0]):
        raise SqlError(
            f"In {name}() the first argument has to be a written text with widths below 1,000."
        )


def _is_number(node: Node, most: int) -> bool:
    literal = _literal(node)
    number = str(literal.get("text", ""))
    return literal.get("kind") == "INTEGER" and number.isdigit() and int(number) <= most


def _is_narrow(name: str, node: Node) -> bool:
    literal, (plain, wide) = _literal(node), _WIDE[name]
    written = str(literal.get("text", "")).replace(plain, "")
    return literal.get("kind") == "STRING" and not wide.search(written)


def _literal(node: Node) -> Node:
    if node.get("type") != "VALUE_CONSTANT":
        return {}
    literal: Node = node.get("literal") or {}
    return literal
