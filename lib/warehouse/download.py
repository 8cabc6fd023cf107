"""All rows of a query into one file, batch by batch, for download."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lib.errors import StorageError
from lib.formulas import defused_texts
from lib.sql import Sql
from lib.warehouse import Warehouse
from lib.warehouse.texts import ODD, with_texts

Format = Literal["csv", "parquet"]
Progress = Callable[[int], None]

# CSV has no form of lists, structs and the like, and Arrow writes no infinite dates.
_NOT_CSV: Final = re.compile(
    r"\A(?!(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|TIME)$)"
)


def download(
    warehouse: Warehouse,
    query: Sql,
    path: Path,
    file_format: Format,
    *,
    tag: str = "",
    progress: Progress | None = None,
) -> int:
    """Write all rows of the query to the path, and return how many there are.

    The file appears whole or not at all, and never all of it is in memory. In CSV (UTF-8 with byte
    order mark, so that spreadsheets read it) a text that a spreadsheet would run as a formula gets
    a ``'`` before it; phone numbers and negative numbers stay as they are; lists and structs become
    text. In Parquet only what it has no type for does, such as intervals.

    Args:
        warehouse: where the query runs.
        query: one SELECT.
        path: the file to write; its folder exists.
        file_format: ``csv`` or ``parquet``.
        tag: what ``cancel`` ends it by.
        progress: told after each batch how many rows are written.

    Raises:
        SqlError, TimeLimitError, CancelledError, SourceError: as the warehouse's stream.
        StorageError: the disk is full, or the file cannot be written.
    """
    half = path.with_name(path.name + ".half")
    kinds = _NOT_CSV if file_format == "csv" else ODD
    query = with_texts(warehouse, query, kinds, tag=tag)
    batches = warehouse.stream(query, tag=tag)
    try:
        first = next(batches)
        rows = _write(_again(first, batches), half, file_format, progress or _silent)
        half.replace(path)
        return rows
    except OSError:
        raise StorageError(
            "The result cannot be written: check the disk's free space and the folder's rights."
        ) from None
    finally:
        close = getattr(batches, "close", None)
        if close is not None:
            close()
        half.unlink(missing_ok=True)


def _silent(rows: int) -> None:
    """Tell nobody."""


def _again(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _write(
    batches: Iterator[pa.RecordBatch], path: Path, file_format: Format, progress: Progress
) -> int:
    writer: pq.ParquetWriter | pa_csv.CSVWriter | None = None
    rows = 0
    with path.open("wb") as file:
        for given in batches:
            batch = _for_csv(given) if file_format == "csv" else given
            if writer is None:
                writer = _open(file, batch.schema, file_format)
            writer.write_batch(batch)
            rows += batch.num_rows
            progress(rows)
        if writer is not None:
            writer.close()
    return rows


def _open(
    file: BinaryIO, schema: pa.Schema, file_format: Format
) -> pq.ParquetWriter | pa_csv.CSVWriter:
    if file_format == "parquet":
        return pq.ParquetWriter(file, schema, compression="zstd")
    file.write(b"\xef\xbb\xbf")
    return pa_csv.CSVWriter(file, schema)


def _for_csv(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [defused_texts(column) if _is_text(column) else column for column in batch.columns]
    names = [defused_texts(pa.array([name]))[0].as_py() for name in batch.schema.names]
    return pa.RecordBatch.from_arrays(columns, names=names)


def _is_text(column: pa.Array) -> bool:
    return bool(pa.types.is_string(column.type))
