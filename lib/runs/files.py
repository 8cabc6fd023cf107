"""Tables as files that people take away: CSV that no spreadsheet runs, and Parquet."""

from pathlib import Path
from typing import Literal

import polars as pl

from lib.errors import StorageError
from lib.formulas import defused_column
from lib.runs.local import appearing

Form = Literal["csv", "parquet"]


def write(rows: pl.LazyFrame, path: Path, form: Form) -> None:
    """Write all rows to a file, without having them in memory as a table.

    Lists become text in CSV, and a text that a spreadsheet would take for a formula gets a ``'``
    before it (CSV injection); phone numbers stay as they are.

    Raises:
        StorageError: the rows cannot be read any more, or the file cannot be written.
    """
    try:
        with appearing(path) as half:
            if form == "csv":
                _harmless(rows).sink_csv(half, include_bom=True)
            else:
                rows.sink_parquet(half)
    except (OSError, pl.exceptions.PolarsError):
        raise StorageError(
            "The file cannot be written: what it lists is gone, or the disk is full."
        ) from None


def _harmless(rows: pl.LazyFrame) -> pl.LazyFrame:
    columns = []
    for name, kind in rows.collect_schema().items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.list.join("; ")
        if isinstance(kind, pl.List | pl.String):
            column = defused_column(column)
        columns.append(column.alias(name))
    return rows.select(columns)
