"""Tables as files that a browser takes away."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from lib.errors import StorageError
from lib.runs.files import Form, write
from lib.ui.text import said

__all__ = ["Form", "written"]


def written(rows: pl.LazyFrame, form: Form) -> bytes:
    """Return all rows as a file, as ``lib.runs.files`` writes it.

    Raises:
        StorageError: the rows cannot be read any more, or the disk is full.
    """
    with TemporaryDirectory(prefix="muster-") as folder:
        path = Path(folder) / f"rows.{form}"
        try:
            write(rows, path, form)
            return path.read_bytes()
        except (StorageError, OSError) as error:
            raise StorageError(said(str(error))) from None
