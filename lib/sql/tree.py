"""What the tree of a query may hold: only reading nodes, tables, and functions known as harmless.

The tree is what DuckDB's ``json_serialize_sql`` gives. It is walked with a list instead of
recursion, so its depth costs no stack.
"""

import difflib
import re
from collections.abc import Iterator
from typing import Any, Final

from lib.errors import SqlError
from lib.sql.functions import FUNCTIONS, TABLE_FUNCTIONS
from lib.sql.growth import refuse_growth

_QUERIES: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_CATALOGUE: Final = re.compile(r"(duckdb|pragma|sqlite|pg)_", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_OUTSIDE: Final = frozenset("/\\.:*?[~")

Node = dict[str, Any]


def refuse_reaching_out(tree: Node) -> None:
    """Pass a tree that only reads tables.

    Raises:
        SqlError: naming the first thing in it that changes data or reaches outside.
    """
    for node in _nodes(tree):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _QUERIES:
            verb = kind.split("_", 1)[0]
            raise SqlError(f"A query may only read, and this one holds {verb}; take it out.")
        if "function_name" in node:
            _refuse_function(node)
        if kind == "BASE_TABLE":
            _refuse_table(node["qualified_name"]["path"])
        if kind == "SHOW_REF":
            _refuse_show(node)
        if kind == "TABLE_FUNCTION":
            _refuse_table_function(node["function"])


def _nodes(tree: Node) -> Iterator[Node]:
    waiting: list[Any] = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(_below(item))
        elif isinstance(item, list):
            waiting.extend(item)


def _below(node: Node) -> Iterator[Any]:
    """Give what hangs below a node; of a table function its arguments, for it is judged apart."""
    if node.get("type") == "TABLE_FUNCTION":
        yield from (value for key, value in node.items() if key != "function")
        yield from node["function"].values()
    else:
        yield from node.values()


def _refuse_function(node: Node) -> None:
    name = str(node["function_name"]).lower()
    if not _WORD.fullmatch(name):
        return
    if name in FUNCTIONS or name in TABLE_FUNCTIONS:
        refuse_growth(name, [each["expression"] for each in node.get("arguments", ())])
        return
    near = difflib.get_close_matches(name, FUNCTIONS, n=1, cutoff=0.8)
    hint = f"; did you mean {near[0]}()?" if near else "; use another one."
    raise SqlError(f"The function {name[:60]}() cannot be used in a query{hint}")


def _refuse_table_function(function: Node) -> None:
    name = str(function.get("function_name", "")).lower()
    if name not in TABLE_FUNCTIONS:
        raise SqlError(
            f"{name[:60] or 'This'}() cannot stand after FROM: a query reads the warehouse's "
            "tables only."
        )


def _refuse_table(path: list[str]) -> None:
    name = path[-1]
    if _OUTSIDE & set(name):
        raise SqlError(
            "A query cannot read files by name; name a table of the warehouse, or ask an "
            "administrator to add the file as a source."
        )
    if _CATALOGUE.match(name) or [part.lower() for part in path[:-1]] not in (
        [],
        ["main"],
        ["memory"],
        ["memory", "main"],
    ):
        raise SqlError(
            f"{'.'.join(path)[:80]} belongs to the engine itself; name a table of the warehouse."
        )


def _refuse_show(node: Node) -> None:
    if node.get("show_type") not in ("DESCRIBE", "SUMMARY") or node.get("query") is None:
        raise SqlError(
            "SHOW is not a query; write DESCRIBE and a table's name to see its columns, or SELECT."
        )
