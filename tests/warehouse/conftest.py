from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lib.sources import Source
from lib.warehouse import sample
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb


@pytest.fixture
def warehouse(sample_dir: Path, tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    """Return a warehouse over a sample company of 3,000 profiles."""
    sources = sample.make(sample_dir, 3_000)
    with open_duckdb(sources, directory=tmp_path / "state", timeout_s=30) as opened:
        yield opened


def write_parquet(path: Path, query: str) -> Path:
    """Write the query's rows as Parquet."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture
def numbers(tmp_path: Path) -> Source:
    """Return a source called ``numbers`` with a million rows."""
    query = "SELECT i AS id, i % 1000 AS bucket, md5(i::VARCHAR) AS mark FROM range(1000000) t(i)"
    return Source("numbers", str(write_parquet(tmp_path / "numbers.parquet", query)))
