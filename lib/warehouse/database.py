"""One table of an SQLite or DuckDB file into Parquet, without any DuckDB extension.

SQLite is read by Python's own ``sqlite3`` in batches, since DuckDB's scanner is an extension that
has to be downloaded. SQLite gives each value a type of its own, so a column's type is what all its
values have in common.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.errors import InputError, SourceError
from lib.sql import ident, text
from lib.warehouse.parquet import write_parquet

_BATCH: Final = 50_000
_SQLITE: Final = b"SQLite format 3\0"
_DUCKDB: Final = b"DUCK"


def is_database(path: Path) -> bool:
    """Say whether the file starts like an SQLite or DuckDB file."""
    return _engine(path) != ""


def convert_database(name: str, path: Path, table: str, target: Path) -> None:
    """Write one table of the file to the target.

    Raises:
        InputError: no such table; the sentence lists those there are.
        SourceError: the file is damaged, or in use by a writer.
    """
    try:
        if _engine(path) == "sqlite":
            _convert_sqlite(path, table, target)
        else:
            _convert_duckdb(path, table, target)
    except (sqlite3.Error, duckdb.Error, pa.ArrowException):
        raise SourceError(
            f"The source {name} cannot be read: the database file is damaged, or in use."
        ) from None


def _engine(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        head = file.read(16)
    if head == _SQLITE:
        return "sqlite"
    return "duckdb" if head[8:12] == _DUCKDB else ""


def _require_table(table: str, there: list[str], path: Path) -> None:
    if table in there:
        return
    names = ", ".join(sorted(there)[:12]) or "no tables"
    raise InputError(f"Name one of the file's tables, as in {path.name}#TABLE; there is {names}.")


def _convert_duckdb(path: Path, table: str, target: Path) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {text(str(path))} AS given (READ_ONLY)")
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_catalog = 'given' AND table_schema = 'main'"
        ).fetchall()
        _require_table(table, [str(row[0]) for row in rows], path)
        write_parquet(connection, f"FROM given.main.{ident(table)}", target)


def _convert_sqlite(path: Path, table: str, target: Path) -> None:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        _require_table(table, [str(row[0]) for row in rows], path)
        schema = _schema(connection, table)
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for batch in _batches(connection, table, schema):
                writer.write_batch(batch)


def _schema(connection: sqlite3.Connection, table: str) -> pa.Schema:
    declared = connection.execute(f"PRAGMA table_info({ident(table)})").fetchall()
    found = ", ".join(f"group_concat(DISTINCT typeof({ident(row[1])}))" for row in declared)
    (kinds,) = connection.execute(f"SELECT {found} FROM {ident(table)}").fetchall()  # noqa: S608
    return pa.schema(
        [
            pa.field(str(row[1]), _type(set((held or "").split(",")), str(row[2])))
            for row, held in zip(declared, kinds, strict=True)
        ]
    )


def _type(held: set[str], declared: str) -> pa.DataType:
    values = held - {"null", ""}
    if values == {"integer"}:
        return pa.bool_() if "BOOL" in declared.upper() else pa.int64()
    if values and values <= {"integer", "real"}:
        return pa.float64()
    return pa.binary() if values == {"blob"} else pa.string()


def _batches(
    connection: sqlite3.Connection, table: str, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    columns = ", ".join(_expression(field) for field in schema)
    cursor = connection.execute(f"SELECT {columns} FROM {ident(table)}")  # noqa: S608
    while rows := cursor.fetchmany(_BATCH):
        values: list[Any] = list(zip(*rows, strict=True))
        arrays = [
            pa.array(_as_stored(column, field.type), field.type)
            for column, field in zip(values, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _expression(field: pa.Field) -> str:
    name = ident(field.name)
    return f"CAST({name} AS TEXT)" if field.type == pa.string() else name


def _as_stored(column: Any, kind: pa.DataType) -> Any:  # noqa: ANN401
    if kind == pa.bool_():
        return [None if value is None else bool(value) for value in column]
    return column
