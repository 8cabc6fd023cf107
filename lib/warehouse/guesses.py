"""What DuckDB guesses of files of texts, and which of its guesses would lose something."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb

from lib.sql import ident, text

_LONG: Final = r"[-+]?\d{16,}"
"""A whole number of which a fraction would not keep every digit."""
_CODE: Final = r"\d+[eE]\d+"
"""A code such as 12E34, when nothing in its column has a point."""
_ISO: Final = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?"
_MEANS_MORE: Final = re.compile(r"[*?\[]")


def files_of(path: Path) -> list[Path]:
    """Return the files that a path or pattern means; one that is called so is meant itself."""
    return [path] if path.is_file() else sorted(path.parent.glob(path.name))


def listed(path: Path) -> str:
    """Return SQL for those files, which DuckDB would take for patterns by their names."""
    found = files_of(path)
    # An empty one of several says nothing, and would have a column of its own.
    filled = [file for file in found if file.stat().st_size] or found
    files = (_MEANS_MORE.sub(r"[\g<0>]", str(file)) for file in filled)
    return f"[{', '.join(map(text, files))}]"


def columns(connection: duckdb.DuckDBPyConnection, scan: str) -> dict[str, str]:
    """Return the columns of a scan with their guessed types."""
    found = connection.execute(f"DESCRIBE FROM {scan}").fetchall()
    return {str(name): str(kind) for name, kind, *_ in found}


def typed(kinds: Mapping[str, str]) -> str:
    """Return SQL for the types of columns as an option of a scan."""
    return "{" + ", ".join(f"{text(name)}: {text(kind)}" for name, kind in kinds.items()) + "}"


def as_texts(names: Sequence[str]) -> dict[str, str]:
    """Return columns with the type of texts."""
    return dict.fromkeys(names, "VARCHAR")


def ids(connection: duckdb.DuckDBPyConnection, raw: str, fractions: Sequence[str]) -> list[str]:
    """Return the columns guessed to be fractions that hold ids, told by their raw texts.

    It takes another pass over the files, when there are such columns at all.

    Args:
        connection: where to ask.
        raw: a scan that gives these columns as texts.
        fractions: the columns.
    """
    if not fractions:
        return []
    held = ", ".join(f"coalesce({_holds_ids(ident(name))}, false)" for name in fractions)
    (told,) = connection.execute(f"SELECT {held} FROM {raw}").fetchall()  # noqa: S608
    return [name for name, is_id in zip(fractions, told, strict=True) if is_id]


def _holds_ids(name: str) -> str:
    long, code = (
        f"bool_or(regexp_full_match(trim({name}), {text(what)}))" for what in (_LONG, _CODE)
    )
    return f"{long} OR ({code} AND NOT bool_or(contains({name}, '.')))"


def iso(connection: duckdb.DuckDBPyConnection, raw: str, moments: Sequence[str]) -> dict[str, bool]:
    """Tell of columns guessed to be days or moments whether all are written as ISO 8601 has it."""
    if not moments:
        return {}
    held = ", ".join(
        f"coalesce(bool_and(regexp_full_match({ident(name)}, {text(_ISO)})), true)"
        for name in moments
    )
    (told,) = connection.execute(f"SELECT {held} FROM {raw}").fetchall()  # noqa: S608
    return dict(zip(moments, map(bool, told), strict=True))


def fractions(found: Mapping[str, str]) -> list[str]:
    """Return the columns guessed to be fractions."""
    return [name for name, kind in found.items() if kind == "DOUBLE"]
