from pathlib import Path

from lib.sources import Source
from lib.ui.explore import facts
from lib.warehouse.duckdb import open_duckdb

from .conftest import write_parquet


def test_related_rows_are_found_beside_a_key_that_is_no_number(tmp_path: Path) -> None:
    query = "SELECT unnest(['x', '7', '8']) AS id"
    source = Source("visits", str(write_parquet(tmp_path / "visits.parquet", query)))
    with open_duckdb([source], directory=tmp_path / "state") as opened:
        found = facts.related(opened, opened.version(), "visits", "id", 7, 10)
    assert found.rows.to_pylist() == [{"id": "7"}]
