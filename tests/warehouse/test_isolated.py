"""Queries in a process that can be killed: what cannot be interrupted ends all the same."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lib.errors import (
    CancelledError,
    MemoryLimitError,
    MusterError,
    SetupError,
    SqlError,
    TimeLimitError,
)
from lib.settings import ROOT
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse import Warehouse, sample
from lib.warehouse.duckdb import DuckDBWarehouse
from lib.warehouse.isolated import IsolatedWarehouse, open_isolated
from lib.warehouse.process import current

from .conftest import write_parquet

LONG = "repeat('a', 10000)"
HUGE = "||".join(["s"] * 10)
LISTS = "list_transform(range(100000), lambda a: list_sum(list_transform(range(100000), lambda b: "
ATTACKS = {
    "lambdas in lambdas": f"SELECT len({LISTS}a + b))))",
    "distance of long texts": "SELECT levenshtein(s, reverse(s) || 'b') FROM "
    f"(SELECT {'||'.join([LONG] * 20)} AS s)",
    "doubling": f"WITH a AS (SELECT {LONG} AS s), b AS (SELECT {HUGE} AS s FROM a), "
    f"c AS (SELECT {HUGE} AS s FROM b), d AS (SELECT {HUGE} AS s FROM c), "
    f"e AS (SELECT {HUGE} AS s FROM d), f AS (SELECT {HUGE} AS s FROM e) "
    "SELECT length(s || s) FROM f",
    "list of lists": "SELECT len(flatten(list_transform(range(100000), lambda x: range(100000))))",
    "growing by itself": "SELECT len(list_reduce("
    "string_split(repeat('b ', 60), ' '), lambda a, b: a || a || 'b'))",
}
# It takes next to no memory, so only a clock or a cancel ends it.
FOREVER = Sql(ATTACKS["distance of long texts"])


@pytest.fixture(scope="module")
def isolated(
    sample_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IsolatedWarehouse]:
    sources = sample.make(sample_dir, 3_000)
    state = tmp_path_factory.mktemp("isolated")
    with open_isolated(sources, directory=state, memory="300MB", grace_s=0.3) as opened:
        yield opened


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IsolatedWarehouse]:
    """Return a warehouse without tables that gives a query 0.4 s, in the same process."""
    state = tmp_path_factory.mktemp("hasty")
    with open_isolated([], directory=state, timeout_s=0.4, grace_s=0.3) as opened:
        yield opened


@pytest.fixture(scope="module")
def patient(
    numbers: Source, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IsolatedWarehouse]:
    state = tmp_path_factory.mktemp("patient")
    with open_isolated([numbers], directory=state, grace_s=10) as opened:
        yield opened


def in_thread(work: object) -> threading.Thread:
    assert callable(work)
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_it_answers_as_the_warehouse_in_the_process_does(
    isolated: IsolatedWarehouse, warehouse: DuckDBWarehouse
) -> None:
    asked: Warehouse = isolated
    query = Sql("FROM profiles WHERE country = ? ORDER BY profile_id", ("NO",))
    assert asked.tables() == warehouse.tables()
    assert asked.profile_table() == warehouse.profile_table()
    assert asked.describe(query) == warehouse.describe(query)
    assert asked.count(query) == warehouse.count(query)
    assert asked.preview(query, 7) == warehouse.preview(query, 7)
    assert list(asked.stream(query)) == list(warehouse.stream(query))
    assert asked.version() == warehouse.version()
    assert (isolated.functions(), isolated.broken()) == (warehouse.functions(), {})
    (nothing,) = asked.stream(Sql("SELECT email FROM profiles WHERE false"))
    assert (nothing.num_rows, nothing.schema.names) == (0, ["email"])


def test_every_type_of_column_and_value_gets_across(isolated: IsolatedWarehouse) -> None:
    query = Sql(
        "SELECT ?::VARCHAR a, ?::DOUBLE b, ?::BIGINT c, ?::BOOLEAN d, ?::INT e, uuid() u, "
        "'x'::ENUM('x', 'y') en, {'k': [1, 2]} s, map {'a': 1} m, 'q'::BLOB bl, '{}'::JSON j, "
        "INTERVAL 3 DAY i, 1::HUGEINT h, TIMESTAMPTZ '2026-01-01 00:00:00+00' t",
        ("日本 'quoted'", float("inf"), 2**62, True, None),
    )
    row = isolated.preview(query, 1).rows.to_pylist()[0]
    assert [row[name] for name in "abcde"] == ["日本 'quoted'", float("inf"), 2**62, True, None]
    assert (row["en"], row["s"], row["m"]) == ("x", {"k": [1, 2]}, [("a", 1)])


@pytest.mark.parametrize("query", ["SELECT emial FROM profiles", "FROM persons", "DROP TABLE x"])
def test_a_mistake_is_told_in_the_same_words(
    query: str, isolated: IsolatedWarehouse, warehouse: DuckDBWarehouse
) -> None:
    sentences = []
    for asked in (isolated, warehouse):
        with pytest.raises(SqlError) as refused:
            asked.count(Sql(query))
        sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]


WAYS = [("preview", attack) for attack in ATTACKS] + [
    ("stream", "lambdas in lambdas"),
    ("describe", "list of lists"),
]


@pytest.mark.parametrize(("way", "attack"), WAYS)
def test_what_cannot_be_interrupted_ends_in_time_and_the_next_query_works(
    way: str, attack: str, hasty: IsolatedWarehouse, isolated: IsolatedWarehouse
) -> None:
    query = Sql(ATTACKS[attack])
    with pytest.raises((TimeLimitError, SqlError)) as refused:
        match way:
            case "preview":
                hasty.preview(query, 1)
            case "describe":
                hasty.describe(query)
            case _:
                list(hasty.stream(query))
    says = str(refused.value)
    assert "stopped after 0.4 seconds" in says or "more memory than it may" in says
    assert "\n" not in says
    assert isolated.count(Sql("FROM profiles")) == 3_000


def test_a_value_that_outgrows_the_memory_fails_and_the_next_query_works(
    isolated: IsolatedWarehouse,
) -> None:
    with pytest.raises(SqlError, match="more memory than it may use"):
        isolated.preview(Sql(f"SELECT {'||'.join(['s'] * 150)} FROM (SELECT {HUGE} AS s FROM "
                             f"(SELECT {HUGE} AS s FROM (SELECT {HUGE} AS s FROM "
                             f"(SELECT {LONG} AS s))))"), 1)  # fmt: skip
    assert isolated.count(Sql("FROM profiles")) == 3_000


def asked_forever(isolated: IsolatedWarehouse) -> tuple[threading.Thread, list[MusterError]]:
    """Ask what never ends, in a thread of its own; return what it ended with, too."""
    ended: list[MusterError] = []

    def work() -> None:
        try:
            isolated.preview(FOREVER, 1, tag="mine")
        except MusterError as error:
            ended.append(error)

    return in_thread(work), ended


def test_a_cancel_counts_while_the_process_is_only_starting(isolated: IsolatedWarehouse) -> None:
    isolated.tables()
    current().kill()
    thread, ended = asked_forever(isolated)
    time.sleep(0.1)
    isolated.cancel("mine")
    thread.join(20)
    assert [type(error) for error in ended] == [CancelledError]


def test_a_process_whose_memory_was_taken_ends_what_it_was_asked_and_is_asked_no_more(
    isolated: IsolatedWarehouse,
) -> None:
    # One of its own: that of the test before may be about to be killed.
    current().kill()
    rows = isolated.stream(Sql("FROM profiles, range(300)"), batch_rows=10_000)
    read = next(rows).num_rows
    before = current().pid
    with pytest.raises(MemoryLimitError):
        isolated.preview(Sql(f"SELECT string_agg({LONG} || i, '') FROM range(60000) t(i)"), 1)
    assert isolated.count(Sql("FROM profiles")) == 3_000
    assert current().pid != before
    assert _runs(before)
    assert read + sum(batch.num_rows for batch in rows) == 900_000
    deadline = time.monotonic() + 10
    while _runs(before):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_query_that_cannot_be_interrupted_can_be_cancelled(isolated: IsolatedWarehouse) -> None:
    isolated.tables()
    thread, ended = asked_forever(isolated)
    time.sleep(0.3)
    isolated.cancel("theirs")
    isolated.cancel("")
    assert thread.is_alive(), ended
    isolated.cancel("mine")
    thread.join(60)
    assert isinstance(ended[0], CancelledError)
    assert isolated.count(Sql("FROM profiles")) == 3_000


def test_an_innocent_query_outlives_the_end_of_its_process(patient: IsolatedWarehouse) -> None:
    counted: list[int] = []
    slow = Sql("SELECT sum(length(md5(mark || i))) FROM numbers, range(3) t(i)")
    patient.tables()
    first = current()
    thread = in_thread(lambda: counted.append(patient.count(slow)))
    time.sleep(0.1)
    first.kill()
    thread.join(30)
    assert counted == [1]


def test_a_process_killed_from_outside_is_replaced_at_the_next_query(
    patient: IsolatedWarehouse,
) -> None:
    assert patient.count(Sql("FROM numbers")) == 1_000_000
    os.kill(current().pid, signal.SIGKILL)
    assert patient.count(Sql("FROM numbers")) == 1_000_000


def test_a_stream_that_loses_its_process_says_so_and_repeats_no_row(
    patient: IsolatedWarehouse,
) -> None:
    batches = patient.stream(Sql("FROM numbers, range(20)"), batch_rows=10_000)
    next(batches)
    current().kill()
    with pytest.raises(SqlError, match="stopped in the middle of this query; run it again"):
        list(batches)


def test_the_process_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from lib.sql import Sql\n"
        "from lib.warehouse.isolated import open_isolated; import lib.warehouse.process as p\n"
        "import threading\n"
        "w = open_isolated([], directory=Path(sys.argv[1])); w.tables()\n"
        "threading.Thread(target=lambda: w.preview(Sql(sys.argv[2]), 1), daemon=True).start()\n"
        "time.sleep(0.3); print(p.current().pid, flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path), FOREVER.text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
    deadline = time.monotonic() + 5
    while _runs(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_the_process_sees_no_secret_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, isolated: IsolatedWarehouse
) -> None:
    monkeypatch.setenv("MUSTER_SECRET_KEY", "do-not-tell")
    current().kill()
    isolated.count(Sql("SELECT 1"))
    seen = Path(f"/proc/{current().pid}/environ").read_bytes()
    assert b"do-not-tell" not in seen
    assert b"MUSTER" not in seen


def test_twenty_queries_at_once_get_their_own_answers(isolated: IsolatedWarehouse) -> None:
    answers: list[bool] = []

    def ask(number: int) -> None:
        for _ in range(5):
            query = Sql("SELECT ?::INT AS n FROM range(?::INT)", (number, 10 + number))
            shown = isolated.preview(query, 5)
            answers.append(shown.rows.column(0).to_pylist() == [number] * 5)
            answers.append(shown.total == 10 + number)

    threads = [in_thread(lambda number=number: ask(number)) for number in range(20)]
    for thread in threads:
        thread.join()
    assert answers == [True] * 200


def test_streams_closed_early_leave_no_thread_and_no_file_open(patient: IsolatedWarehouse) -> None:
    query = Sql("FROM numbers, range(50)")
    # Arrow starts threads of its own with the first stream, and keeps them.
    next(patient.stream(query))
    list(patient.stream(Sql("FROM numbers")))
    pid = current().pid
    threads, lines = _threads(pid), _lines(os.getpid())
    for turn in range(10):
        batches = patient.stream(query, batch_rows=5_000, tag=f"{turn}")
        next(batches)
        del batches
    gc.collect()
    wait_until(lambda: _threads(pid) <= threads)
    wait_until(lambda: _lines(pid) <= 2)
    wait_until(lambda: _lines(os.getpid()) <= lines)
    assert current().pid == pid


def _lines(pid: int) -> int:
    """Count the sockets a process holds open."""
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(str(entry.readlink()))
    return sum(link.startswith("socket:") for link in links)


def _threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def wait_until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_pauses_of_a_reader_do_not_count_towards_the_limit(
    hasty: IsolatedWarehouse,
) -> None:
    hasty.count(Sql("SELECT 1"))
    rows = 0
    for batch in hasty.stream(Sql("FROM range(2000000)"), batch_rows=1_000_000):
        rows += batch.num_rows
        time.sleep(0.5)
    assert rows == 2_000_000


def test_a_stream_is_cancelled_while_its_reader_pauses(patient: IsolatedWarehouse) -> None:
    before = current().pid
    batches = patient.stream(Sql("FROM numbers, range(50)"), tag="mine")
    assert isinstance(next(batches), pa.RecordBatch)
    patient.cancel("mine")
    with pytest.raises(CancelledError):
        list(batches)
    assert patient.count(Sql("FROM numbers")) == 1_000_000
    assert current().pid == before


def test_a_file_put_in_place_of_another_is_seen(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "a.parquet", "SELECT 1 AS x")
    with open_isolated([Source("a", str(file))], directory=tmp_path / "s") as warehouse:
        assert warehouse.tables()[0].rows == 1
        write_parquet(file, "SELECT i AS y FROM range(5) t(i)")
        assert warehouse.tables()[0].rows == 5
        assert warehouse.describe(Sql("FROM a"))[0].name == "y"


def test_what_cannot_be_opened_says_so_at_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        open_isolated([], directory=tmp_path / "file") as warehouse,
        pytest.raises(SetupError, match="cannot be written"),
    ):
        warehouse.tables()
    with (
        open_isolated([], directory=tmp_path / "s", time_zone="Not/A_Zone") as warehouse,
        pytest.raises(SetupError, match="refuses the setting TimeZone"),
    ):
        warehouse.tables()


def test_a_closed_warehouse_gives_back_its_disk_and_answers_no_more(tmp_path: Path) -> None:
    warehouse = open_isolated([], directory=tmp_path)
    warehouse.count(Sql("SELECT 1"))
    assert list((tmp_path / "spill").iterdir())
    warehouse.close()
    assert not list((tmp_path / "spill").iterdir())
    with pytest.raises(CancelledError, match="was closed"):
        warehouse.count(Sql("SELECT 1"))
