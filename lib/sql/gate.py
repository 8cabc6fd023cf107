"""The one place that decides "is this one read-only SELECT?", by DuckDB's own parser.

DuckDB parses the text, says what kind of statement it is, and gives its tree; ``lib.sql.tree``
then walks the tree. Nothing is run. The engine's sandbox is a second wall behind this one.
"""

import json
import threading
from functools import lru_cache
from typing import Any, Final

import duckdb

from lib.errors import SqlError
from lib.sql.tree import refuse_reaching_out

LONGEST: Final = 500_000
"""Characters; a longer text is a mistake, and its tree would take memory without limit."""

_SYNTAX: Final = duckdb.connect(":memory:")
"""Parses only: it holds no table, and no query of anybody is ever run on it."""
_TURN: Final = threading.Lock()

_TOO_DEEP: Final = "The query is nested too deeply; split it with WITH, or shorten it."


@lru_cache(maxsize=512)
def check_select(text: str) -> str:
    """Return the query without its closing ``;``, safe to stand in brackets.

    Args:
        text: one SELECT (also WITH, FROM first, VALUES, DESCRIBE, SUMMARIZE, TABLE, PIVOT with its
            values listed), with comments and ``?`` marks as one likes.

    Raises:
        SqlError: it is empty, malformed, not exactly one SELECT, or it reaches outside the
            warehouse's tables.
    """
    _refuse_odd_text(text)
    with _TURN:
        kinds = _statement_kinds(text)
        _refuse_unless_one_select(text, kinds)
        tree = _tree(text)
    refuse_reaching_out(tree)
    return _without_end(text)


def _refuse_odd_text(text: str) -> None:
    if not text.strip():
        raise SqlError("There is no query yet; write one that starts with SELECT.")
    if len(text) > LONGEST:
        raise SqlError(f"The query is longer than {LONGEST:,} characters; shorten it.")
    if "\0" in text:
        raise SqlError("The query holds a null character; delete it.")


def _statement_kinds(text: str) -> list[duckdb.StatementType | None]:
    try:
        return [_kind(statement) for statement in _SYNTAX.extract_statements(text)]
    except duckdb.Error as error:
        raise _syntax_error(text, str(error)) from None


def _kind(statement: duckdb.Statement) -> duckdb.StatementType | None:
    """Return the kind; None for one that Python's side of the engine has no name for: CONNECT."""
    try:
        return statement.type
    except ValueError:
        return None


def _refuse_unless_one_select(text: str, kinds: list[duckdb.StatementType | None]) -> None:
    if not kinds:
        raise SqlError("There is no query, only comments; write one that starts with SELECT.")
    if len(kinds) > 1:
        raise SqlError(f"These are {len(kinds)} statements; only one SELECT at a time can run.")
    if kinds[0] == duckdb.StatementType.MULTI and "pivot" in text.lower():
        raise SqlError(
            "PIVOT needs its values listed, as in PIVOT orders ON status IN ('paid', 'open') "
            "USING count(*), so that the columns stay the same whatever the data."
        )
    if kinds[0] != duckdb.StatementType.SELECT:
        raise SqlError(
            f"{_first_word(text)} is not a query; only one SELECT that reads the tables can run."
        )


def _first_word(text: str) -> str:
    for start, kind in duckdb.tokenize(text):
        if kind != duckdb.token_type.comment:
            rest = text.encode()[start:].decode(errors="replace")
            return rest.split(None, 1)[0].rstrip(";(").upper()[:20]
    return "This"


def _tree(text: str) -> dict[str, Any]:
    try:
        rows = _SYNTAX.execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchall()
    except duckdb.Error as error:
        raise _syntax_error(text, str(error)) from None
    try:
        tree: dict[str, Any] = json.loads(rows[0][0])
    except RecursionError:
        raise SqlError(_TOO_DEEP) from None
    if tree["error"]:
        raise _syntax_error(text, str(tree["error_message"]), tree.get("position"))
    return tree


def _syntax_error(text: str, message: str, position: str | None = None) -> SqlError:
    if "expression depth" in message:
        return SqlError(_TOO_DEEP)
    if position is None:
        position = _position(text)
    first = message.removeprefix("Parser Error: ").split("\n", 1)[0].strip().rstrip(".")
    problem = first.replace("syntax error at or near", "it makes no sense at")
    return SqlError(f"The query cannot be read{_place(text, position)}: {problem}.")


def _position(text: str) -> str | None:
    rows = _SYNTAX.execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchall()
    position: str | None = json.loads(rows[0][0]).get("position")
    return position


def _place(text: str, position: str | None) -> str:
    """Say line and column, both from 1, of a position in bytes."""
    if position is None or not position.isdigit():
        return ""
    before = text.encode()[: int(position)].decode(errors="replace")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f" at line {line}, column {column}"


def _without_end(text: str) -> str:
    """Cut the closing ``;`` and comments, so that ``(text)`` is well formed."""
    data = text.encode()
    tokens = list(duckdb.tokenize(text))
    end = len(data)
    while tokens and _is_end(data, *tokens[-1]):
        end = tokens.pop()[0]
    return data[:end].decode().strip()


def _is_end(data: bytes, start: int, kind: duckdb.token_type) -> bool:
    return kind == duckdb.token_type.comment or data[start : start + 1] == b";"
