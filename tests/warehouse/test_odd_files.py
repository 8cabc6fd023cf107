"""Files as people have them: odd names, several of them, encodings and values that do not agree."""

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather

from lib.errors import SourceError
from lib.sql import Sql
from lib.warehouse.duckdb import open_duckdb
from lib.warehouse.sources import take_in

Rows = list[dict[str, object]]


def read(location: Path, tmp_path: Path) -> tuple[str, Rows]:
    """Take a source in; return the note and the rows."""
    taken = take_in("t", str(location), tmp_path / "copies")
    with open_duckdb([taken.source], directory=tmp_path / "state") as warehouse:
        rows: Rows = warehouse.preview(Sql("FROM t ORDER BY ALL"), 50).rows.to_pylist()
    return taken.note, rows


@pytest.mark.parametrize("name", ["cust[1]", "cust?", "cust*"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_file_that_is_called_as_a_pattern_is_meant_itself(
    tmp_path: Path, name: str, kind: str
) -> None:
    (tmp_path / f"cust1.{kind}").write_text("id\n1\n" if kind == "csv" else '{"id": 1}\n')
    (tmp_path / f"{name}.{kind}").write_text("id\n2\n" if kind == "csv" else '{"id": 2}\n')
    assert read(tmp_path / f"{name}.{kind}", tmp_path) == ("", [{"id": 2}])


def test_a_folder_that_is_called_as_a_pattern_is_meant_itself(tmp_path: Path) -> None:
    for folder in ("year[1]", "year1"):
        (tmp_path / folder).mkdir()
        for part in "ab":
            (tmp_path / folder / f"{part}.csv").write_text(f"id\n{folder}\n")
    assert read(tmp_path / "year[1]" / "*.csv", tmp_path) == ("", [{"id": "year[1]"}] * 2)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("csv", "id,v\n1,2\n", "id,late\nx,2.5\n"),
        ("tsv", "id\tv\n1\t2\n", "id\tlate\nx\t2.5\n"),
        ("json", '{"id": 1, "v": 2}\n', '{"id": "x", "late": 2.5}\n'),
    ],
)
def test_files_of_a_pattern_need_not_have_the_same_columns(
    tmp_path: Path, name: str, first: str, last: str
) -> None:
    for part in range(39):
        (tmp_path / f"part{part:02}.{name}").write_text(first)
    (tmp_path / f"part39.{name}").write_text(last)
    rows = read(tmp_path / f"part*.{name}", tmp_path)[1]
    assert rows == [{"id": "1", "v": 2, "late": None}] * 39 + [{"id": "x", "v": None, "late": 2.5}]


def test_files_of_which_one_has_no_line_of_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "part1.csv").write_text("id,email\n1,a@x.no\n2,b@x.no\n")
    (tmp_path / "part2.csv").write_text("")
    assert len(read(tmp_path / "part*.csv", tmp_path)[1]) == 2
    (tmp_path / "part3.csv").write_text("3,c@x.no\n4,d@x.no\n")
    with pytest.raises(SourceError, match=r"part3\.csv has no column of the others"):
        read(tmp_path / "part*.csv", tmp_path)


def test_arrow_files_of_a_pattern_are_read_one_after_the_other(tmp_path: Path) -> None:
    for part in (1, 2):
        feather.write_feather(pa.table({"id": [part]}), tmp_path / f"part{part}.feather")
    assert read(tmp_path / "part*.feather", tmp_path) == ("", [{"id": 1}, {"id": 2}])
    feather.write_feather(pa.table({"other": ["x"]}), tmp_path / "part3.feather")
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "part*.feather", tmp_path)


def test_what_windows_writes_keeps_euros_and_quotes(tmp_path: Path) -> None:
    text = 'id;navn\r\n1;"5 € – “Åse”,\r\nto linjer"\r\n'
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    rows = [{"id": 1, "navn": "5 € – “Åse”,\r\nto linjer"}]
    assert read(tmp_path / "a.csv", tmp_path) == ("read as Windows-1252", rows)
    assert [file.suffix for file in sorted((tmp_path / "copies").iterdir())] == [
        ".json",
        ".parquet",
    ]


def test_compressed_files_of_a_pattern_are_read(tmp_path: Path) -> None:
    for part in (1, 2):
        (tmp_path / f"part{part}.csv.gz").write_bytes(gzip.compress(f"id\n{part}\n".encode()))
    assert read(tmp_path / "part*.csv.gz", tmp_path) == ("", [{"id": 1}, {"id": 2}])
    (tmp_path / "win.csv.gz").write_bytes(gzip.compress("id\n€\n".encode("cp1252")))
    assert read(tmp_path / "win.csv.gz", tmp_path) == ("read as Windows-1252", [{"id": "€"}])


@pytest.mark.parametrize("text", ["Bjørn Ås,Øystein", "Ole Ødegård"])
def test_a_damaged_utf_8_file_is_not_taken_for_another_encoding(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_bytes(f"id,x\n1,{text[:9]}\n".encode() + b"2,Caf\xe9\n")
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path / "a.csv", tmp_path)


def test_what_is_no_text_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,x\n1,\x81\x8d\xff\n")
    with pytest.raises(SourceError, match="damaged or of another kind"):
        read(tmp_path / "a.csv", tmp_path)


def test_days_written_in_two_ways_stay_as_they_are_written(tmp_path: Path) -> None:
    lines = ("id,one,two", "1,2024-01-02,x", "2,31.12.2024,31.12.2024")
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert read(tmp_path / "a.csv", tmp_path)[1] == [
        {"id": 1, "one": "2024-01-02", "two": "x"},
        {"id": 2, "one": "31.12.2024", "two": "31.12.2024"},
    ]


def test_json_of_texts_and_numbers_in_one_field_gives_texts_without_quotes(tmp_path: Path) -> None:
    rows = ('{"id": 1}', '{"id": "x"}', '{"id": null}', '{"id": {"a": [1]}}')
    (tmp_path / "a.jsonl").write_text("\n".join(rows))
    held = [row["id"] for row in read(tmp_path / "a.jsonl", tmp_path)[1]]
    assert sorted(map(str, held)) == ["1", "None", "x", '{"a":[1]}']
