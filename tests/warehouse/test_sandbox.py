"""Attacks: each is stopped by the gate, and most again by the engine when the gate is bypassed."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from lib.errors import MusterError, SqlError, TimeLimitError
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse.complaints import translated
from lib.warehouse.duckdb import DuckDBWarehouse, open_duckdb
from lib.warehouse.sandbox import Limits, Opened, open_sandbox


@dataclass(frozen=True)
class Prey:
    """A folder with the source the warehouse reads, and things next to it that it must not."""

    folder: Path
    source: Source

    def fill(self, attack: str) -> str:
        return attack.replace("{dir}", str(self.folder)).replace("{own}", self.source.location)

    def state(self) -> dict[str, tuple[int, int]]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in files}


@pytest.fixture(scope="module")
def prey(tmp_path_factory: pytest.TempPathFactory) -> Prey:
    folder = tmp_path_factory.mktemp("prey")
    own = folder / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT i AS id FROM range(100) t(i)) TO '{own}'")
        connection.execute(f"COPY (SELECT 'secret' AS x) TO '{folder / 'other.parquet'}'")
    (folder / "other.csv").write_text("a,b\n1,secret\n")
    (folder / "other.json").write_text('{"a": "secret"}\n')
    (folder / "link.csv").symlink_to("/etc/passwd")
    (folder / "link.parquet").symlink_to(folder / "other.parquet")
    return Prey(folder, Source("people", str(own)))


READING = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('{dir}/other.csv')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT content FROM read_blob('{dir}/other.csv')",
    "SELECT * FROM read_json('{dir}/other.json')",
    "SELECT * FROM read_ndjson_objects('{dir}/other.json')",
    "SELECT * FROM read_parquet('{dir}/other.parquet')",
    "SELECT * FROM parquet_scan('{dir}/*.parquet')",
    "SELECT * FROM parquet_metadata('{dir}/other.parquet')",
    "SELECT * FROM parquet_kv_metadata('{dir}/other.parquet')",
    "SELECT * FROM parquet_schema('{dir}/other.parquet')",
    "SELECT * FROM sniff_csv('{dir}/other.csv')",
    "SELECT * FROM glob('{dir}/*')",
    "SELECT * FROM '{dir}/other.csv'",
    "SELECT * FROM '{dir}/other.parquet'",
    'SELECT * FROM "{dir}/other.json"',
    "SELECT * FROM '{dir}/*.parquet'",
    "SELECT * FROM '{dir}/../prey/other.csv'",
    "SELECT * FROM read_csv('{dir}/link.csv')",
    "SELECT * FROM '{dir}/link.parquet'",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM read_csv('/dev/stdin')",
    "WITH a AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM a",
    "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
    "SELECT 1 UNION ALL SELECT length(content) FROM read_text('/etc/passwd')",
    "SELECT 1 /* harmless */ FROM /* */ read_text /* */ ('/etc/passwd')",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
    "SUMMARIZE FROM read_csv('/etc/passwd')",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
    "SELECT * FROM query_table('{dir}/other.csv')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql("
    "'SELECT * FROM read_text(''/etc/passwd'')'))",
    "FROM read_duckdb('{dir}/x.db')",
]
WRITING = [
    "COPY people TO '{dir}/stolen.csv'",
    "COPY (SELECT 1 AS id) TO '{own}'",
    "COPY people TO '{dir}/parts' (FORMAT parquet, PARTITION_BY (id))",
    "COPY people TO '/dev/stdout'",
    "COPY people FROM '{dir}/other.csv'",
    "EXPORT DATABASE '{dir}/all'",
    "IMPORT DATABASE '{dir}/all'",
    "ATTACH '{dir}/new.db' AS new",
    "ATTACH '{dir}/new.db' AS new (READ_ONLY)",
    "SELECT 1; COPY people TO '{dir}/stolen.csv'",
    "SELECT 1 -- ;\n; COPY people TO '{dir}/stolen.csv'",
]
WITHIN = [
    "COPY (SELECT 1 AS id) TO '{own}' (USE_TMP_FILE false)",
    "COPY FROM DATABASE memory TO system",
]
"""What a bare engine would let happen to what it may read: the gate and the wrapping stop it."""

SETTING = [
    "INSTALL httpfs",
    "INSTALL sqlite FROM '{dir}'",
    "LOAD httpfs",
    "LOAD '{dir}/evil.duckdb_extension'",
    "SET enable_external_access = true",
    "SET GLOBAL allowed_directories = ['/']",
    "SET lock_configuration = false",
    "SET memory_limit = '1TB'",
    "SET GLOBAL max_execution_time = 0",
    "SET temp_directory = '{dir}'",
    "SET threads = 64",
    "RESET max_execution_time",
    "PRAGMA enable_external_access",
    "PRAGMA memory_limit = '1TB'",
    "PRAGMA enable_profiling = 'json'; PRAGMA profiling_output = '{dir}/p'",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE PERSISTENT SECRET s (TYPE http)",
]
ONLY_AT_THE_GATE = [
    "SELECT current_setting('temp_directory')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SET VARIABLE x = 1",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_settings",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_views()",
    "SELECT sql FROM sqlite_master",
    "SELECT * FROM pg_catalog.pg_views",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM system.information_schema.schemata",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_logs",
    "SELECT * FROM pragma_database_size()",
    "SELECT * FROM which_secret('s3://x', 's3')",
    "SELECT pg_get_viewdef(1)",
    "SELECT write_log('x')",
    "SELECT sleep_ms(100000)",
    "SELECT pg_sleep(1000)",
    "SELECT * FROM pandas_scan(140000000000000)",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "PRAGMA database_list",
    "SHOW ALL TABLES",
    "CREATE TABLE t AS SELECT 1",
    "CREATE MACRO upper(x) AS 'x'",
    "DROP VIEW people",
    "CREATE OR REPLACE VIEW people AS SELECT 1",
    "ATTACH ':memory:' AS m",
    "USE system",
    "PREPARE p AS SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "CALL pragma_version()",
    "CHECKPOINT",
    "WITH x AS (DELETE FROM people RETURNING *) FROM x",
]
"""They touch nothing but memory, or show what the engine knows of itself: the gate alone stops."""


COMMANDS = ("COPY", "EXPORT", "IMPORT", "ATTACH", "INSTALL", "LOAD", "SET", "RESET", "PRAGMA",
            "CREATE", "DROP", "USE", "PREPARE", "CALL", "CHECKPOINT")  # fmt: skip


@pytest.mark.parametrize("attack", READING + WRITING + WITHIN + SETTING + ONLY_AT_THE_GATE)
def test_an_attack_fails_at_the_gate_with_a_clear_sentence(
    attack: str, prey: Prey, guarded: DuckDBWarehouse
) -> None:
    before = prey.state()
    for run in (guarded.count, guarded.describe):
        with pytest.raises(SqlError) as refused:
            run(Sql(prey.fill(attack)))
        assert _is_clear(str(refused.value), prey)
    assert guarded.count(Sql("FROM people")) == 100
    assert prey.state() == before


@pytest.fixture(scope="module")
def guarded(prey: Prey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    with open_duckdb([prey.source], directory=tmp_path_factory.mktemp("state")) as warehouse:
        yield warehouse


def _is_clear(sentence: str, prey: Prey) -> bool:
    short = 20 < len(sentence) < 250 and sentence[-1] in ".?"
    return short and "\n" not in sentence and str(prey.folder) not in sentence


@pytest.fixture
def bypassed(prey: Prey, tmp_path: Path) -> Iterator[Opened]:
    """Return the locked engine itself, as if the gate had let everything pass."""
    opened = open_sandbox([prey.source], Limits(tmp_path / "spill", "300MB", 5.0, "UTC"))
    yield opened
    opened.connection.close()


@pytest.mark.parametrize(
    "attack", [a for a in READING + WRITING + SETTING if not a.startswith("IMPORT")]
)
def test_an_attack_past_the_gate_fails_at_the_engine(
    attack: str, prey: Prey, bypassed: Opened
) -> None:
    before = prey.state()
    with pytest.raises(MusterError) as refused, translated(bypassed, 5.0, ""):
        bypassed.connection.cursor().execute(prey.fill(attack)).fetchall()
    assert "\n" not in str(refused.value)
    assert str(prey.folder) not in str(refused.value)
    assert prey.state() == before
    assert bypassed.connection.cursor().execute("SELECT count(*) FROM people").fetchall() == [
        (100,)
    ]


@pytest.mark.parametrize(
    "attack", [a for a in WRITING + WITHIN + SETTING + ONLY_AT_THE_GATE if a.startswith(COMMANDS)]
)
def test_a_command_cannot_stand_where_the_engine_is_given_a_query(
    attack: str, prey: Prey, bypassed: Opened
) -> None:
    before = prey.state()
    with pytest.raises(duckdb.Error):
        bypassed.connection.cursor().execute(f"SELECT * FROM ({prey.fill(attack)}\n)")
    assert prey.state() == before


def test_variables_of_the_python_process_are_not_tables(warehouse: DuckDBWarehouse) -> None:
    import pyarrow as pa

    secret_rows = pa.table({"x": [1]})
    with pytest.raises(SqlError, match="no table secret_rows"):
        warehouse.count(Sql("FROM secret_rows"))
    assert secret_rows.num_rows == 1


@pytest.mark.parametrize(
    "forever",
    [
        "SELECT count(*) FROM numbers a, numbers b WHERE a.mark < b.mark",
        "WITH RECURSIVE r AS (SELECT 1::HUGEINT AS n UNION ALL SELECT n + 1 FROM r) "
        "SELECT count(*) FROM r",
        "SELECT count(*) FROM range(1000000000000) WHERE md5(range::VARCHAR) = 'x'",
        "SELECT sum(length(m)) FROM (SELECT string_agg(a.mark, '') AS m FROM numbers a, numbers b)",
        "SELECT count(*) FROM generate_series(1, 9223372036854775806) WHERE generate_series < 0",
    ],
)
def test_a_query_that_never_ends_is_stopped(forever: str, numbers: Source, tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        open_duckdb(
            [numbers], directory=tmp_path / "s", memory="300MB", timeout_s=0.5
        ) as warehouse,
        pytest.raises((TimeLimitError, SqlError), match=r"stopped after 0\.5 seconds|more memory"),
    ):
        warehouse.preview(Sql(forever), 1)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT list(mark || mark || mark ORDER BY mark) FROM numbers, range(40)",
        "SELECT string_agg(mark || mark, ',') FROM numbers, range(40)",
        "SELECT a.mark, b.mark FROM numbers a, numbers b, numbers c ORDER BY a.mark || b.mark",
    ],
)
def test_a_memory_bomb_fails_and_leaves_the_warehouse_usable(
    bomb: str, numbers: Source, tmp_path: Path
) -> None:
    with open_duckdb([numbers], directory=tmp_path / "s", memory="200MB", timeout_s=1) as warehouse:
        with pytest.raises(MusterError) as refused:
            warehouse.preview(Sql(bomb), 10)
        assert "more memory" in str(refused.value) or "stopped after" in str(refused.value)
        assert warehouse.count(Sql("FROM numbers")) == 1_000_000


def test_a_query_larger_than_memory_spills_to_our_folder_and_the_folder_is_emptied(
    numbers: Source, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            files = (path for path in state.rglob("*") if path.is_file())
            seen.append(sum(path.stat().st_size for path in files if path.exists()))

    watcher = threading.Thread(target=watch)
    query = "SELECT mark, row_number() OVER (ORDER BY mark, id) AS n FROM numbers"
    with open_duckdb([numbers], directory=state, memory="60MB", threads=2) as warehouse:
        watcher.start()
        last = 0
        for batch in warehouse.stream(Sql(query)):
            last += batch.num_rows
        done.set()
        watcher.join()
        assert last == 1_000_000
    assert max(seen) > 1_000_000
    assert not [path for path in state.rglob("*") if path.is_file()]


def test_what_a_dead_process_left_spilled_is_cleared_away(numbers: Source, tmp_path: Path) -> None:
    dead = tmp_path / "state" / "spill" / "999999999-0"
    mine = tmp_path / "state" / "spill" / f"{os.getppid()}-0"
    for folder in (dead, mine):
        folder.mkdir(parents=True)
        (folder / "left").write_text("x")
    with open_duckdb([numbers], directory=tmp_path / "state"):
        assert not dead.exists()
        assert mine.exists()


def test_the_time_zone_of_the_installation_holds_in_every_query(
    numbers: Source, tmp_path: Path
) -> None:
    with open_duckdb([numbers], directory=tmp_path / "s", time_zone="Asia/Kolkata") as warehouse:
        query = "SELECT hour(TIMESTAMPTZ '2026-01-01 00:00:00+00') AS h"
        assert warehouse.preview(Sql(query), 1).rows.to_pylist() == [{"h": 5}]
