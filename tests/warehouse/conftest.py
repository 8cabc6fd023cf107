from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lib.sources import Source
from lib.warehouse import sample
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb


@pytest.fixture(scope="session")
def warehouse(
    sample_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DuckDBWarehouse]:
    """Return a warehouse over a sample company of 3,000 profiles, shared by all tests."""
    sources = sample.make(sample_dir, 3_000)
    state = tmp_path_factory.mktemp("state")
    with open_duckdb(sources, directory=state, timeout_s=30) as opened:
        yield opened


def write_parquet(path: Path, query: str) -> Path:
    """Write the query's rows as Parquet."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture(scope="session")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Return a source called ``numbers`` with a million rows; nobody changes its file."""
    query = "SELECT i AS id, i % 1000 AS bucket, md5(i::VARCHAR) AS mark FROM range(1000000) t(i)"
    folder = tmp_path_factory.mktemp("numbers")
    return Source("numbers", str(write_parquet(folder / "numbers.parquet", query)))
