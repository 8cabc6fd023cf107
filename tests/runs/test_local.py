"""A private DuckDB for one piece of work: the next piece finds nothing of the one before."""

from pathlib import Path

import duckdb
import pytest

from lib.errors import StorageError
from lib.runs.local import scratch


def tables(db: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(row[0]) for row in db.execute("select table_name from duckdb_tables()").fetchall()]


def setting(db: duckdb.DuckDBPyConnection, name: str) -> str:
    ((value,),) = db.execute("select current_setting(?)", [name]).fetchall()
    return str(value)


def test_nothing_of_a_piece_of_work_is_there_for_the_next(tmp_path: Path) -> None:
    with scratch(tmp_path, time_zone="Europe/Oslo") as db:
        db.execute("create table t as select 1 as a")
        db.execute("create temp table s as select 1 as a")
        db.execute("set preserve_insertion_order = true")
        assert setting(db, "timezone") == "Europe/Oslo"
    with scratch(tmp_path) as db:
        assert tables(db) == []
        assert setting(db, "timezone") == "UTC"
        assert setting(db, "preserve_insertion_order") == "False"
        assert Path(setting(db, "temp_directory")).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_two_pieces_of_work_at_once_do_not_see_each_other(tmp_path: Path) -> None:
    with scratch(tmp_path) as one, scratch(tmp_path) as other:
        one.execute("create table t as select 1 as a")
        assert tables(other) == []
        other.execute("create table t as select 2 as a")
        assert one.execute("from t").fetchall() == [(1,)]


def test_work_that_failed_or_spilled_leaves_room_for_the_next(tmp_path: Path) -> None:
    with pytest.raises(StorageError), scratch(tmp_path) as db:
        db.execute("create table t as select 1 as a")
        db.execute("from read_parquet('/nowhere/at/all.parquet')")
    with scratch(tmp_path) as db:
        assert tables(db) == []
        db.execute("set memory_limit = '20MB'")
        db.execute("create table t as select hash(range) as h, range from range(5_000_000)")
        spilled = Path(setting(db, "temp_directory"))
        assert any(spilled.iterdir())
        # What was spilled is gone with its table, and the engine still cannot spill elsewhere.
        db.execute("drop table t")
    with scratch(tmp_path) as db:
        assert tables(db) == []
        assert setting(db, "memory_limit") == "476.8 MiB"
        assert Path(setting(db, "temp_directory")) != spilled
    assert list(tmp_path.iterdir()) == []
