from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from lib.errors import InputError, NotFoundError
from lib.sources import Source
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb
from lib.warehouse.search import search_person
from lib.warehouse.summary import BARS, TOP, kind_of, summarise, summarise_table

from .conftest import write_parquet

Opening = Callable[[str], DuckDBWarehouse]


@pytest.fixture
def holding(tmp_path: Path, request: pytest.FixtureRequest) -> Opening:
    def of(query: str) -> DuckDBWarehouse:
        source = Source("t", str(write_parquet(tmp_path / "t.parquet", query)))
        opened = open_duckdb([source], directory=tmp_path / "state")
        request.addfinalizer(opened.close)
        return opened

    return of


def test_a_table_is_summarised_column_by_column(warehouse: DuckDBWarehouse) -> None:
    found = {each.column: each for each in summarise_table(warehouse, "profiles")}
    assert len(found) == 20
    assert found["profile_id"].minimum == 1_000_000
    assert found["profile_id"].nulls == 0
    assert 0.2 < found["birthday"].nulls / found["birthday"].rows < 0.36
    assert found["email"].empty > 0
    assert found["loyalty_tier"].distinct == 4


def test_a_small_table_has_its_distinct_values_counted(holding: Opening) -> None:
    rows = "SELECT i % 700 AS x, 'v' || i AS y, [i % 9] AS z FROM range(5000) t(i)"
    found = summarise_table(holding(rows), "t")
    assert [(each.distinct, each.exact) for each in found] == [(700, True), (5000, True), (9, True)]


def test_of_many_rows_few_values_are_counted_and_many_estimated(holding: Opening) -> None:
    rows = "SELECT i % 700 AS few, i % 9000 AS many, i AS id FROM range(120000) t(i)"
    warehouse = holding(rows)
    few, many, key = summarise_table(warehouse, "t")
    assert (few.distinct, few.exact) == (700, True)
    assert not many.exact and not key.exact
    assert many.distinct == pytest.approx(9000, rel=0.15)


def test_a_column_that_may_be_a_key_is_counted_when_it_is_looked_at(holding: Opening) -> None:
    rows = "SELECT i AS id, greatest(i, 1) AS almost, i % 9000 AS many FROM range(120000) t(i)"
    warehouse = holding(rows)
    found = [summarise(warehouse, "t", name) for name in ("id", "almost", "many")]
    assert [each.exact for each in found] == [True, True, False]
    assert [each.distinct for each in found[:2]] == [120_000, 119_999]


def test_texts_of_blanks_count_as_empty(holding: Opening) -> None:
    rows = "SELECT unnest(['', ' ', '   ', 'a', ' a', '\t', '!', '\u00a0', NULL]) AS x"
    (found,) = summarise_table(holding(rows), "t")
    assert (found.empty, found.nulls) == (4, 1)


def test_the_bars_of_numbers_and_dates_count_every_row_once(warehouse: DuckDBWarehouse) -> None:
    for column in ("lifetime_value", "order_count", "birthday", "created_at", "profile_id"):
        found = summarise(warehouse, "profiles", column)
        assert len(found.bars) == BARS
        assert sum(bar.rows for bar in found.bars) == found.rows - found.nulls
    assert isinstance(summarise(warehouse, "profiles", "birthday").bars[0].low, date)


def test_the_top_values_of_a_text_come_most_frequent_first(warehouse: DuckDBWarehouse) -> None:
    top = summarise(warehouse, "profiles", "country").top
    assert len(top) == TOP
    assert top[0].value == "NO"
    assert [value.rows for value in top] == sorted((v.rows for v in top), reverse=True)


def test_few_whole_numbers_get_a_bar_each(holding: Opening) -> None:
    found = summarise(holding("SELECT i % 4 AS x FROM range(10) t(i)"), "t", "x")
    assert [(bar.low, bar.rows) for bar in found.bars] == [(0, 3), (1, 3), (2, 2), (3, 2)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS x WHERE false",
        "SELECT NULL::INT AS x",
        "SELECT NULL::VARCHAR AS x",
        "SELECT 5 AS x",
        "SELECT TIMESTAMP '2026-01-01' AS x",
        "SELECT unnest([1.5, 'nan'::DOUBLE, 'inf'::DOUBLE, NULL]) AS x",
        "SELECT [1, 2] AS x",
        "SELECT {'a': 1} AS x",
        "SELECT true AS x",
        "SELECT 'a'::BLOB AS x",
        "SELECT TIMESTAMPTZ '2026-01-01 00:00:00+02' AS x",
        "SELECT 170141183460469231731687303715884105727::HUGEINT AS x",
        "SELECT MAP {'a': 1} AS x",
        "SELECT INTERVAL 1 DAY AS x",
        "SELECT '{\"a\": 1}'::JSON AS x",
        "SELECT uuid() AS x",
    ],
)
def test_columns_of_every_kind_and_emptiness_can_be_summarised(
    holding: Opening, query: str
) -> None:
    found = summarise(holding(query), "t", "x")
    assert found.rows in (0, 1, 4)
    assert 0 <= found.nulls <= found.rows


def test_kinds_follow_the_types() -> None:
    kinds = {"BIGINT": "number", "DECIMAL(12,2)": "number", "DATE": "date", "VARCHAR": "text",
             "TIMESTAMP WITH TIME ZONE": "date", "BOOLEAN": "boolean", "INTEGER[]": "other",
             "INTERVAL": "other", "STRUCT(a INTEGER)": "other"}  # fmt: skip
    assert {name: kind_of(name) for name in kinds} == kinds


def test_a_name_that_is_not_there_is_not_found(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(NotFoundError):
        summarise(warehouse, "persons", "email")
    with pytest.raises(NotFoundError):
        summarise(warehouse, "profiles", "e-mail")


def test_a_person_is_found_by_key_address_or_words_in_any_order(
    warehouse: DuckDBWarehouse,
) -> None:
    anyone = search_person(warehouse, "1000009").to_pylist()[0]
    assert anyone["profile_id"] == 1_000_009
    by_mail = search_person(warehouse, anyone["email"].upper()).to_pylist()
    assert by_mail[0]["email"].lower() == anyone["email"].lower()
    words = f"{anyone['last_name'][:4]} {anyone['email'][:5]}"
    assert 1_000_009 in search_person(warehouse, words).column("profile_id").to_pylist()


def test_whole_values_come_first_then_beginnings_of_words_then_the_inside(
    holding: Opening,
) -> None:
    people = [
        (1, "Bogdan", "bogdan@a.no"),
        (2, "Hogdahl", "x@ogd.no"),
        (3, "Ogden Smith", "smith@a.no"),
        (4, "Ane", "ane.ogden@a.no"),
        (5, "Per-Ogden", "per@a.no"),
        (6, "Zoe", "ogden"),
    ]
    rows = ", ".join(str(row) for row in people)
    warehouse = holding(f"SELECT * FROM (VALUES {rows}) AS v(id, name, email)")
    assert search_person(warehouse, "ogden").column("id").to_pylist() == [6, 3, 4, 5]
    assert search_person(warehouse, "ogd").column("id").to_pylist() == [2, 3, 4, 5, 6, 1]
    assert search_person(warehouse, "e.ogd").column("id").to_pylist() == [4]
    assert search_person(warehouse, "2").column("id").to_pylist() == [2]


@pytest.mark.parametrize(
    ("held", "typed"),
    [("İnci", "inci"), ("inci", "İNCİ"), ("Οδός", "ΟΔΌΣ"), ("ΟΔΌΣ", "οδός"), ("STRAẞE", "straße")],
)
def test_a_person_is_found_in_whatever_case_a_name_is_written(
    holding: Opening, held: str, typed: str
) -> None:
    warehouse = holding(f"SELECT 1 AS id, '{held}' AS name")
    assert search_person(warehouse, typed).num_rows == 1


def test_a_person_with_days_that_never_end_is_found(holding: Opening) -> None:
    warehouse = holding(
        "SELECT 7.0::DOUBLE AS id, 'Ada' AS name, 'infinity'::DATE AS until, "
        "TIMESTAMPTZ '9999-12-31 23:59:59+00' AS seen, '-infinity'::TIMESTAMP AS since"
    )
    for typed in ("ada", "7"):
        (found,) = search_person(warehouse, typed).to_pylist()
        assert (found["until"], found["since"]) == ("infinity", "-infinity")


@pytest.mark.parametrize("text", ["%", "' OR 1=1 --", "\\", "_", "zzzzzz", "?"])
def test_what_means_something_in_sql_means_nothing_in_a_search(
    warehouse: DuckDBWarehouse, text: str
) -> None:
    assert search_person(warehouse, text, 5).num_rows <= 5
    assert search_person(warehouse, text).num_rows < 100


def test_a_search_for_nothing_or_without_profiles_is_refused(
    warehouse: DuckDBWarehouse, holding: Opening
) -> None:
    with pytest.raises(InputError):
        search_person(warehouse, "  ")
    with pytest.raises(InputError, match="no table of profiles"):
        search_person(holding("SELECT 1 AS x"), "ada")
