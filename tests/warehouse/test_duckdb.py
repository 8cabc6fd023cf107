import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from lib.errors import CancelledError, MusterError, SourceError, SqlError, TimeLimitError
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse import Column, ProfileTable, Warehouse
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb

from .conftest import write_parquet

FOREVER = Sql("SELECT count(*) FROM numbers a, numbers b WHERE a.mark < b.mark")
Opening = Callable[..., DuckDBWarehouse]


@pytest.fixture
def opening(tmp_path: Path, request: pytest.FixtureRequest) -> Opening:
    def of(*sources: Source, timeout_s: float = 30.0) -> DuckDBWarehouse:
        opened = open_duckdb(sources, directory=tmp_path / "state", timeout_s=timeout_s)
        request.addfinalizer(opened.close)
        return opened

    return of


def test_it_keeps_the_protocol_that_the_other_rooms_build_on(warehouse: DuckDBWarehouse) -> None:
    protocol: Warehouse = warehouse
    assert protocol.dialect == "duckdb"


def test_tables_come_by_name_with_their_columns_and_rows(warehouse: DuckDBWarehouse) -> None:
    tables = {table.name: table for table in warehouse.tables()}
    assert list(tables) == ["events", "orders", "products", "profiles"]
    assert tables["profiles"].rows == 3_000
    assert Column("profile_id", "BIGINT") in tables["profiles"].columns
    assert tables["orders"].rows == warehouse.count(Sql("FROM orders"))


def test_bound_values_reach_every_way_of_asking(warehouse: DuckDBWarehouse) -> None:
    query = Sql("SELECT profile_id, email FROM profiles WHERE country = ? ORDER BY 1", ("NO",))
    total = warehouse.count(query)
    assert 0 < total < 3_000
    assert warehouse.preview(query, 5).total == total
    assert sum(batch.num_rows for batch in warehouse.stream(query)) == total
    assert [column.name for column in warehouse.describe(query)] == ["profile_id", "email"]


def test_a_preview_keeps_the_order_of_the_query_and_tells_the_total(
    warehouse: DuckDBWarehouse,
) -> None:
    query = Sql("SELECT profile_id FROM profiles ORDER BY profile_id DESC")
    shown = warehouse.preview(query, 3)
    assert shown.rows.column(0).to_pylist() == [1002999, 1002998, 1002997]
    assert shown.total == 3_000
    assert warehouse.preview(query, 0).total == 3_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("interval 1 day", "1 day"),
        ("[interval 1 day]", "[1 day]"),
        ("union_value(num := 2)", "2"),
        ("json '{\"a\": 1}'::variant", "{'a': 1}"),
        ("date '290000-01-01'", "290000-01-01"),
        ("date '0044-03-15 (BC)'", "0044-03-15 (BC)"),
        ("timestamp 'infinity'", "infinity"),
        ("{'a': date '290000-01-01'}", "{'a': 290000-01-01}"),
        ("date '2026-11-30'", date(2026, 11, 30)),
        ("null::date", None),
    ],
)
def test_what_has_no_value_elsewhere_is_shown_as_text(
    value: str, shown: object, warehouse: DuckDBWarehouse
) -> None:
    rows = warehouse.preview(Sql(f"SELECT {value} AS x"), 5).rows
    assert rows.to_pylist() == pl.DataFrame(rows).to_dicts() == [{"x": shown}]


def test_a_stream_comes_in_batches_and_an_empty_one_still_tells_its_columns(
    warehouse: DuckDBWarehouse,
) -> None:
    batches = list(warehouse.stream(Sql("FROM orders"), batch_rows=2_048))
    assert len(batches) > 3
    (nothing,) = warehouse.stream(Sql("SELECT email, birthday FROM profiles WHERE false"))
    assert (nothing.num_rows, nothing.schema.names) == (0, ["email", "birthday"])


def test_columns_of_one_name_are_told_apart(warehouse: DuckDBWarehouse) -> None:
    columns = warehouse.describe(Sql("SELECT 1 AS a, 2 AS a"))
    assert len({column.name for column in columns}) == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("FROM persons", "There is no table persons; the tables are events, orders"),
        ("SELECT emial FROM profiles", "There is no column emial here; did you mean email"),
        ("SELECT upper(1, 2)", "No function matches"),
        ("SELECT 1,\n  2 +\n FROM profiles", "line 3"),
        ("SELECT email::INT FROM profiles WHERE email LIKE '%@%'", "Could not convert string '…'"),
        ("SELECT 'abc'::INT", "Could not convert string 'abc'"),
        ("SELECT ?", "parameters: 1"),
        ("SELECT country FROM profiles GROUP BY city", "must appear in the GROUP BY"),
    ],
)
def test_a_mistake_is_explained_in_one_sentence_without_data_or_paths(
    warehouse: DuckDBWarehouse, query: str, says: str
) -> None:
    with pytest.raises(SqlError) as refused:
        warehouse.preview(Sql(query), 1)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "@" not in str(refused.value)
    assert "/" not in str(refused.value)


def test_a_query_over_time_is_stopped_and_says_so(numbers: Source, opening: Opening) -> None:
    warehouse = opening(numbers, timeout_s=0.3)
    with pytest.raises(TimeLimitError, match=r"stopped after 0\.3 seconds"):
        warehouse.count(FOREVER)
    assert warehouse.count(Sql("FROM numbers")) == 1_000_000


@pytest.mark.parametrize("way", ["count", "preview", "stream"])
def test_cancel_ends_the_work_of_its_tag_and_no_other(
    way: str, numbers: Source, opening: Opening
) -> None:
    warehouse = opening(numbers)
    ended: dict[str, BaseException | str] = {}

    def work(tag: str) -> None:
        try:
            match way:
                case "count":
                    warehouse.count(FOREVER, tag=tag)
                case "preview":
                    warehouse.preview(FOREVER, 10, tag=tag)
                case _:
                    list(warehouse.stream(FOREVER, tag=tag))
        except MusterError as error:
            ended[tag] = error

    threads = {tag: threading.Thread(target=work, args=(tag,)) for tag in ("mine", "theirs")}
    for thread in threads.values():
        thread.start()
    time.sleep(0.2)
    warehouse.cancel("mine")
    threads["mine"].join(timeout=5)
    assert isinstance(ended["mine"], CancelledError)
    assert "theirs" not in ended
    warehouse.cancel("theirs")
    threads["theirs"].join(timeout=5)
    assert isinstance(ended["theirs"], CancelledError)


def test_a_stream_can_be_cancelled_between_batches(numbers: Source, opening: Opening) -> None:
    warehouse = opening(numbers)
    batches = warehouse.stream(Sql("FROM numbers"), batch_rows=10_000, tag="mine")
    next(batches)
    warehouse.cancel("mine")
    with pytest.raises(CancelledError):
        list(batches)


def test_a_stream_left_half_read_holds_nothing_up(numbers: Source, opening: Opening) -> None:
    warehouse = opening(numbers)
    next(warehouse.stream(Sql("FROM numbers"), batch_rows=10_000))
    assert warehouse.count(Sql("FROM numbers")) == 1_000_000


def test_many_threads_ask_at_once_and_each_gets_its_own_answer(
    warehouse: DuckDBWarehouse,
) -> None:
    answers: list[bool] = []

    def ask(number: int) -> None:
        for _ in range(10):
            shown = warehouse.preview(Sql("SELECT ?::INT AS n FROM profiles", (number,)), 5)
            answers.append(shown.rows.column(0).to_pylist() == [number] * 5)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 80


def test_a_source_that_is_gone_is_named_and_the_others_still_work(
    tmp_path: Path, numbers: Source, opening: Opening
) -> None:
    gone = Source("gone", str(tmp_path / "gone.parquet"))
    warehouse = opening(gone, numbers)
    with pytest.raises(SourceError, match="source gone has no files"):
        warehouse.count(Sql("FROM gone"))
    assert warehouse.count(Sql("FROM numbers")) == 1_000_000
    assert list(warehouse.broken()) == ["gone"]


def test_a_damaged_source_is_named_and_the_others_still_work(
    tmp_path: Path, numbers: Source, opening: Opening
) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 this is not Parquet PAR1")
    warehouse = opening(Source("bad", str(tmp_path / "bad.parquet")), numbers)
    with pytest.raises(SourceError, match="source bad cannot be read"):
        warehouse.count(Sql("FROM bad"))
    assert [table.name for table in warehouse.tables()] == ["numbers"]


def test_a_file_deleted_while_open_is_noticed_and_one_put_back_as_well(
    tmp_path: Path, opening: Opening
) -> None:
    file = write_parquet(tmp_path / "a.parquet", "SELECT 1 AS x")
    warehouse = opening(Source("a", str(file)))
    assert warehouse.count(Sql("FROM a")) == 1
    file.unlink()
    with pytest.raises(SourceError, match="source a "):
        warehouse.count(Sql("FROM a"))
    write_parquet(file, "SELECT i AS y FROM range(5) t(i)")
    assert warehouse.count(Sql("SELECT y FROM a")) == 5


def test_new_files_in_a_folder_change_the_version_and_are_read(
    tmp_path: Path, opening: Opening
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    write_parquet(folder / "1.parquet", "SELECT 1 AS x")
    warehouse = opening(Source("many", str(folder)))
    before = warehouse.version()
    assert warehouse.version() == before
    write_parquet(folder / "2.parquet", "SELECT 2 AS x, 'new' AS y")
    assert warehouse.version() != before
    assert warehouse.tables()[0].rows == 2
    assert warehouse.count(Sql("SELECT y FROM many WHERE y = 'new'")) == 1


def test_the_declared_key_makes_the_table_of_profiles(warehouse: DuckDBWarehouse) -> None:
    assert warehouse.profile_table() == ProfileTable("profiles", "profile_id")


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("customers", "SELECT i AS customer_id FROM range(9) t(i)", "customer_id"),
        ("People", "SELECT i AS id, 1 AS x FROM range(9) t(i)", "id"),
        ("only_one", "SELECT i AS id FROM range(9) t(i)", "id"),
        ("customers", "SELECT i % 3 AS customer_id, i AS id FROM range(9) t(i)", "id"),
        ("customers", "SELECT i % 3 AS customer_id FROM range(9) t(i)", None),
        ("customers", "SELECT nullif(i, 3) AS customer_id FROM range(9) t(i)", None),
        ("customers", "SELECT i AS price FROM range(9) t(i)", None),
    ],
)
def test_without_a_declared_key_only_an_evident_one_counts(
    tmp_path: Path, opening: Opening, name: str, query: str, expected: str | None
) -> None:
    source = Source(name, str(write_parquet(tmp_path / "t.parquet", query)))
    found = opening(source).profile_table()
    assert found == (ProfileTable(name, expected) if expected else None)


def test_a_declared_key_that_is_no_column_is_a_fault_of_the_source(
    numbers: Source, opening: Opening
) -> None:
    with pytest.raises(SourceError, match="no column nope"):
        opening(Source("numbers", numbers.location, "nope")).profile_table()


def test_an_empty_warehouse_opens_and_says_what_to_do(opening: Opening) -> None:
    warehouse = opening()
    assert warehouse.tables() == ()
    assert warehouse.profile_table() is None
    with pytest.raises(SqlError, match="add a source first"):
        warehouse.count(Sql("FROM profiles"))


def test_types_survive_into_arrow(warehouse: DuckDBWarehouse) -> None:
    schema = warehouse.preview(Sql("FROM profiles"), 1).rows.schema
    assert schema.field("birthday").type == pa.date32()
    assert schema.field("lifetime_value").type == pa.decimal128(12, 2)
    assert schema.field("interests").type == pa.list_(pa.field("l", pa.string()))
