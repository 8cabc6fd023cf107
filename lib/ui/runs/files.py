"""Tables as files that people take away: CSV that no spreadsheet runs, and Parquet."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import polars as pl

from lib.errors import StorageError
from lib.formulas import defused_column
from lib.ui.text import _

Form = Literal["csv", "parquet"]


def written(rows: pl.LazyFrame, form: Form) -> bytes:
    """Return all rows as a file, without having them in memory as a table.

    Lists become text in CSV, and a text that a spreadsheet would take for a formula gets a ``'``
    before it (CSV injection); phone numbers stay as they are.

    Raises:
        StorageError: the rows cannot be read any more, or the disk is full.
    """
    with TemporaryDirectory(prefix="muster-") as folder:
        path = Path(folder) / f"rows.{form}"
        try:
            if form == "csv":
                _harmless(rows).sink_csv(path, include_bom=True)
            else:
                rows.sink_parquet(path)
            return path.read_bytes()
        except (OSError, pl.exceptions.PolarsError):
            raise StorageError(
                _("The file cannot be written: what it lists is gone, or the disk is full.")
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
