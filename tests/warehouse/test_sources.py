import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from lib.errors import InputError, SourceError
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse import copies
from lib.warehouse.duckdb import open_duckdb
from lib.warehouse.sources import admit, take_in

from .conftest import write_parquet


def read(source: Source, tmp_path: Path) -> list[dict[str, object]]:
    with open_duckdb([source], directory=tmp_path / "state") as warehouse:
        rows: list[dict[str, object]] = warehouse.preview(
            Sql(f"FROM {source.name}"), 50
        ).rows.to_pylist()
    return rows


def test_parquet_is_read_in_place_as_file_folder_or_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    file = write_parquet(folder / "a.parquet", "SELECT 1 AS x")
    write_parquet(folder / "b.parquet", "SELECT 2 AS x")
    for location, expected in ((file, 1), (folder, 2), (folder / "*.parquet", 2)):
        source = admit("t", str(location), tmp_path / "copies")
        assert source == Source("t", str(location))
        assert len(read(source, tmp_path)) == expected
    assert not (tmp_path / "copies").exists()


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("latin-1", "read as Latin-1"),
        ("utf-16", "read as UTF-16"),
    ],
)
def test_csv_is_read_whatever_its_encoding_and_what_was_assumed_is_said(
    tmp_path: Path, encoding: str, note: str
) -> None:
    (tmp_path / "a.csv").write_bytes("id;navn\n1;Åse\n2;Bjørn\n".encode(encoding))
    admitted = take_in("people", str(tmp_path / "a.csv"), tmp_path / "copies")
    assert admitted.note == note
    assert admitted.source.origin == str(tmp_path / "a.csv")
    expected = [{"id": 1, "navn": "Åse"}, {"id": 2, "navn": "Bjørn"}]
    assert read(admitted.source, tmp_path) == expected


def test_csv_types_are_guessed_and_codes_and_phones_stay_text(tmp_path: Path) -> None:
    text = (
        "id,code,mobile,zip,joined,spent,yes,email\n"
        "1,007,4791234567,0150,2024-01-31,12.5,true,a@b.no\n"
        "2,12,22334455,7030,2024-02-01,,false,\n"
    )
    (tmp_path / "a.csv").write_text(text)
    first, second = read(admit("a", str(tmp_path / "a.csv"), tmp_path / "c"), tmp_path)
    assert first == {
        "id": 1, "code": "007", "mobile": "4791234567", "zip": "0150",
        "joined": date(2024, 1, 31), "spent": 12.5, "yes": True, "email": "a@b.no",
    }  # fmt: skip
    assert second["spent"] is None
    assert second["mobile"] == "22334455"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "id\tname\n1\tAda, Countess\n"),
        ("a.csv", 'id,name\n1,"Ada, Countess"\n'),
        ("a.jsonl", '{"id": 1, "name": "Ada, Countess"}\n'),
        ("a.json", '[{"id": 1, "name": "Ada, Countess"}]'),
    ],
)
def test_each_kind_of_text_gives_the_same_rows(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    source = admit("a", str(tmp_path / name), tmp_path / "c")
    assert read(source, tmp_path) == [{"id": 1, "name": "Ada, Countess"}]


def test_arrow_is_read_as_file_and_as_stream(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "tags": [["a"], None]})
    feather.write_feather(table, tmp_path / "file.feather")
    with (
        pa.OSFile(str(tmp_path / "s.arrow"), "wb") as out,
        pa.ipc.new_stream(out, table.schema) as s,
    ):
        s.write_table(table)
    for name in ("file.feather", "s.arrow"):
        source = admit("t", str(tmp_path / name), tmp_path / "c")
        assert read(source, tmp_path) == table.to_pylist()


def test_an_sqlite_table_keeps_codes_as_text_and_mixed_columns_whole(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE people (id INTEGER, zip TEXT, ok BOOLEAN, mixed, paid REAL)"
        )
        rows = [(1, "0150", 1, "a", 1), (2, None, None, 7, 2.5)]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()
    expected = [
        {"id": 1, "zip": "0150", "ok": True, "mixed": "a", "paid": 1.0},
        {"id": 2, "zip": None, "ok": None, "mixed": "7", "paid": 2.5},
    ]
    for location in (f"{path}#people", f"sqlite:///{path}#people"):
        source = admit("people", location, tmp_path / "c")
        assert source.origin == f"{path}#people"
        assert read(source, tmp_path) == expected
    with pytest.raises(InputError, match="there is people"):
        admit("people", str(path), tmp_path / "c")


def test_a_table_of_a_duckdb_file_is_copied_once(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("CREATE TABLE people AS SELECT 1 AS id, DATE '2026-01-01' AS d")
    source = admit("people", f"{tmp_path / 'w.duckdb'}#people", tmp_path / "c")
    assert read(source, tmp_path) == [{"id": 1, "d": date(2026, 1, 1)}]


def test_adding_it_again_takes_in_what_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,x\n1,2\n")
    first = admit("a", str(file), tmp_path / "c")
    file.write_text("id,x\n1,2\n3,4\n")
    assert admit("a", str(file), tmp_path / "c") == first
    assert len(read(first, tmp_path)) == 2
    assert not list((tmp_path / "c").glob("*.half"))


@pytest.mark.parametrize(
    "name", ["", "1st", "two words", "a-b", "select", "from", "duckdb_x", "pg_a", "x" * 80, "a;b"]
)
def test_a_name_that_would_need_quotes_in_sql_is_refused(tmp_path: Path, name: str) -> None:
    file = write_parquet(tmp_path / "a.parquet", "SELECT 1 AS x")
    with pytest.raises(InputError, match="cannot be called"):
        admit(name, str(file), tmp_path)


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("", "Give the file"),
        ("nowhere.csv", "no file"),
        ("nowhere.parquet", "no Parquet file"),
        ("empty.csv", "is empty"),
        ("a.xlsx", "of no kind"),
        ("s3://bucket/x.parquet", "cannot be read from s3://"),
        ("postgresql://u:p@host/db", "cannot be read from postgresql://"),
        ("nothing/", "no Parquet file"),
    ],
)
def test_a_place_that_cannot_be_a_source_is_refused_with_what_to_do(
    tmp_path: Path, location: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "a.xlsx").write_text("x")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(InputError, match=says) as refused:
        admit("t", location, tmp_path / "c")
    assert "u:p" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.parquet", b"not parquet"),
        ("a.csv", b'id,name\n1,"unterminated\n2,x,y,z\n'),
        ("a.jsonl", b'{"id": 1}\n{"id": \n'),
        ("a.arrow", b"ARROW1 nonsense"),
        ("a.db", b"SQLite format 3\0" + b"nonsense" * 20),
    ],
)
def test_a_damaged_file_is_a_source_error_and_leaves_nothing_behind(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    location = str(tmp_path / name) + ("#t" if name == "a.db" else "")
    with pytest.raises(SourceError, match="source t cannot be read") as refused:
        admit("t", location, tmp_path / "c")
    assert "\n" not in str(refused.value)
    assert not list((tmp_path / "c").glob("*"))


def columns(source: Source) -> dict[str, list[object]]:
    held: dict[str, list[object]] = pq.read_table(source.location).to_pydict()
    return held


def test_a_converted_source_is_read_anew_when_its_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n", "utf-8")
    source = admit("t", str(file), tmp_path / "c")
    before = Path(source.location).stat().st_mtime_ns
    copies.renew(source)
    assert Path(source.location).stat().st_mtime_ns == before, "nothing changed"
    file.write_text("x\n1\n2\n", "utf-8")
    copies.renew(source)
    assert columns(source) == {"x": [1, 2]} and copies.trouble(source) == ""


def test_what_cannot_be_read_anew_is_read_as_it_was_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"x": 1}\n', "utf-8")
    source = admit("t", str(file), tmp_path / "c")
    file.write_text('{"x": 1}\n{"x', "utf-8")
    copies.renew(source)
    assert columns(source) == {"x": [1]} and "cannot be read" in copies.trouble(source)
    file.unlink()
    copies.renew(source)
    assert columns(source) == {"x": [1]} and "is gone" in copies.trouble(source)
    file.write_text('{"x": 3}\n', "utf-8")
    copies.renew(source)
    assert columns(source) == {"x": [3]} and copies.trouble(source) == ""
    copies.remove(source, tmp_path / "c")
    assert list((tmp_path / "c").iterdir()) == []


def test_a_line_of_a_csv_file_that_begins_with_a_hash_is_a_row(tmp_path: Path) -> None:
    lines = [f"{number},e{number}@x.no" for number in range(5)]
    (tmp_path / "a.csv").write_text("\n".join(["customer_id,email", *lines, "#6,e6@x.no"]) + "\n")
    rows = read(admit("t", str(tmp_path / "a.csv"), tmp_path / "copies"), tmp_path)
    assert [row["email"] for row in rows] == [f"e{number}@x.no" for number in (*range(5), 6)]
