"""Tables as files that a browser takes away."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from lib.runs.files import Form, write
from lib.runs.local import disk


def written(rows: pl.LazyFrame, form: Form) -> bytes:
    """Return all rows as a file, as ``lib.runs.files`` writes it.

    Raises:
        StorageError: the rows cannot be read any more, or the disk is full.
    """
    with disk(), TemporaryDirectory(prefix="muster-") as folder:
        path = Path(folder) / f"rows.{form}"
        write(rows, path, form)
        return path.read_bytes()
