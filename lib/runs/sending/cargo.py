"""Reading batches of a layout, each on its own, so that bodies are never all in memory."""

from pathlib import Path
from threading import Lock

import polars as pl
import pyarrow.parquet as pq

from lib.runs.local import disk
from lib.runs.sending.layout import Kind, Parcel


class Cargo:
    """Reads batches of the run in this directory, from any thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[Kind, pq.ParquetFile] = {}
        self._turn = Lock()
        later = directory / "held_later.parquet"
        with disk():
            self._later = pl.read_parquet(later) if later.exists() else None

    def rows(self, parcel: Parcel) -> pl.DataFrame:
        """Return the batch's rows: ord, email, member_id, fate, seq; for an upsert body, known."""
        with self._turn, disk():
            if parcel.kind not in self._files:
                path = self._directory / f"{parcel.kind}s.parquet"
                self._files[parcel.kind] = pq.ParquetFile(path)
            table = self._files[parcel.kind].read_row_group(parcel.group)
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def held(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return those of the rows that must not be sent any more, with outcome and why."""
        if self._later is None or self._later.is_empty():
            return rows.clear().with_columns(
                outcome=pl.lit(""), code=pl.lit(""), message=pl.lit("")
            )
        return rows.join(self._later.drop("member_id"), on="ord", how="inner")
