from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lib.sources import Source
from lib.warehouse.duckdb import open_duckdb
from lib.warehouse.search import search_related

from .conftest import write_parquet


@pytest.mark.parametrize(
    ("keys", "value", "held"),
    [
        ("['x', '7', '8']", 7, "7"),
        ("[7, 8]", "x", None),
        ("[7, 8]", "7", 7),
        ("[7.0::double, null]", 7, 7.0),
        ("[7, 8]", 7.0, 7),
        ("['7', '7.0']", Decimal("7.00"), "7"),
        ("[12345678901234567890::decimal(38,0), 12345678901234567891::decimal(38,0)]",
         Decimal("12345678901234567890"), Decimal("12345678901234567890")),
        ("['12345678901234567890', '7']", Decimal("12345678901234567890"), "12345678901234567890"),
        ("[date '2026-01-02']", date(2026, 1, 2), date(2026, 1, 2)),
        ("['007', '7']", "007", "007"),
        ("[2, 7]", 1.5, None),
        ("[13]", "12.6", None),
        ("[7]", "007", None),
        ("['None', 'nan']", None, None),
        ("[7]", float("nan"), None),
        ("[7]", Decimal("Infinity"), None),
    ],
)  # fmt: skip
def test_related_rows_are_found_by_a_key_of_whatever_type(
    tmp_path: Path, keys: str, value: object, held: object
) -> None:
    file = write_parquet(tmp_path / "visits.parquet", f"SELECT unnest({keys}) AS id")
    with open_duckdb([Source("visits", str(file))], directory=tmp_path / "state") as opened:
        found = search_related(opened, "visits", "id", value, 10)
    assert found.rows["id"].to_pylist() == ([] if held is None else [held])
