import csv
import resource
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lib.errors import CancelledError, SqlError, StorageError
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse.download import download
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_all_rows_arrive_in_either_format(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    query = Sql("FROM profiles ORDER BY profile_id")
    assert download(warehouse, query, tmp_path / "a.csv", "csv") == 3_000
    assert download(warehouse, query, tmp_path / "a.parquet", "parquet") == 3_000
    table = pq.read_table(tmp_path / "a.parquet")
    rows = read_csv(tmp_path / "a.csv")
    assert len(rows) == table.num_rows + 1 == 3_001
    assert rows[0] == table.column_names
    assert [row[0] for row in rows[1:]] == [str(key) for key in table["profile_id"].to_pylist()]


def test_csv_defuses_formulas_and_leaves_numbers_and_phones_alone(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    query = Sql(
        "SELECT '=1+1' AS a, '+47 912 34 567' AS b, -5 AS c, '-cmd' AS d, '@x' AS e, "
        "'-5' AS f, '+cmd' AS g, chr(9) || '=x' AS h, 'plain' AS \"=i\", NULL::VARCHAR AS j"
    )
    download(warehouse, query, tmp_path / "a.csv", "csv")
    names, values = read_csv(tmp_path / "a.csv")
    assert values == [
        "'=1+1", "+47 912 34 567", "-5", "'-cmd", "'@x", "-5", "'+cmd", "'\t=x", "plain", "",
    ]  # fmt: skip
    assert names[-2] == "'=i"


def test_lists_structs_and_the_like_become_text_in_csv(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    query = Sql("SELECT [1, 2] AS a, {'x': 'y'} AS b, INTERVAL 3 DAY AS c, DATE '2026-01-02' AS d")
    download(warehouse, query, tmp_path / "a.csv", "csv")
    assert read_csv(tmp_path / "a.csv")[1] == ["[1, 2]", "{'x': y}", "3 days", "2026-01-02"]


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_an_empty_result_is_a_file_with_its_columns(
    warehouse: DuckDBWarehouse, tmp_path: Path, file_format: str
) -> None:
    query = Sql("SELECT email, country FROM profiles WHERE country = ?", ("XX",))
    path = tmp_path / "a"
    assert download(warehouse, query, path, "csv" if file_format == "csv" else "parquet") == 0
    names = read_csv(path)[0] if file_format == "csv" else pq.read_table(path).column_names
    assert names == ["email", "country"]


def test_a_download_that_fails_leaves_no_file(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    with pytest.raises(SqlError):
        download(warehouse, Sql("SELECT email::INT FROM profiles"), tmp_path / "a.csv", "csv")
    with pytest.raises(StorageError):
        download(warehouse, Sql("FROM profiles"), tmp_path / "no" / "a.csv", "csv")

    def cancel(rows: int) -> None:
        warehouse.cancel("mine")

    big = Sql("SELECT range AS x FROM range(1000000)")
    with pytest.raises(CancelledError):
        download(warehouse, big, tmp_path / "b.csv", "csv", tag="mine", progress=cancel)
    assert list(tmp_path.glob("*.csv*")) == []


def test_a_large_download_does_not_stand_in_memory(numbers: Source, tmp_path: Path) -> None:
    with open_duckdb([numbers], directory=tmp_path / "s", memory="150MB") as warehouse:
        query = Sql("SELECT n.*, n.mark || i AS more FROM numbers n, range(2) t(i)")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert download(warehouse, query, tmp_path / "a.parquet", "parquet") == 2_000_000
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000


def test_infinite_dates_are_words_in_csv(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    query = Sql("SELECT DATE 'infinity' AS a, TIMESTAMP '2026-01-02 03:04:05' AS b")
    download(warehouse, query, tmp_path / "a.csv", "csv")
    assert read_csv(tmp_path / "a.csv")[1] == ["infinity", "2026-01-02 03:04:05"]
