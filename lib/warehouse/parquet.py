"""What a query gives as one Parquet file, whole numbers with all their digits.

Parquet has whole numbers of 64 bits at most, and DuckDB writes its longer ones as fractions, in
which neighbouring ids become one. So they are written as decimals of 38 digits, or else as text.
"""

import re
from pathlib import Path
from typing import Final

import duckdb

from lib.sql import ident, text

_ROW_GROUP: Final = 100_000
_LONG: Final = re.compile(r"(?:'[^']*'|\"[^\"]*\")|\b(U?HUGEINT)(?=[,)\[]|$)")
"""In a type; values in it are quoted, and names stand before a type."""


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Write what the query gives: one pass, or two when a whole number has more than 38 digits.

    Raises:
        duckdb.Error: the query fails, or the target cannot be written.
    """
    found = connection.execute(f"DESCRIBE {query}").fetchall()
    long = {str(name): str(kind) for name, kind, *_ in found if _is_long(str(kind))}
    try:
        _copy(connection, _exact(query, long, "DECIMAL(38, 0)"), target)
    except duckdb.ConversionException:
        if not long:
            raise
        _copy(connection, _exact(query, long, "VARCHAR"), target)


def _exact(query: str, long: dict[str, str], kind: str) -> str:
    if not long:
        return query
    casts = ", ".join(
        f"CAST({ident(name)} AS {_with(kind, held)}) AS {ident(name)}"
        for name, held in long.items()
    )
    return f"SELECT * REPLACE ({casts}) FROM ({query})"  # noqa: S608


def _is_long(held: str) -> bool:
    return any(_LONG.findall(held))


def _with(kind: str, held: str) -> str:
    return _LONG.sub(lambda found: kind if found[1] else found[0], held)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    connection.execute(
        f"COPY ({query}) TO {text(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )
