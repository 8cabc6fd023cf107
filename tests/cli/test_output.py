"""What commands print of data: as they are, whole, and as JSON that programs can read."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Muster


def test_data_are_never_read_as_markup(muster: Muster) -> None:
    said = muster("query", "select '[/foo] [red]Gold[/red] :smile:' m, 1 as \"x[/b]\"")
    assert said.status == 0, said.err
    assert "[/foo] [red]Gold[/red] :smile:" in said.out
    assert "x[/b]" in said.out
    muster("segments", "add", "[/b] weird", "--sql", "select * from profiles")
    listed = muster("segments", "list")
    assert (listed.status, "[/b] weird" in listed.out) == (0, True), listed.err
    assert "[/b] weird" in muster("segments", "remove", "[/b] weird").err


def test_control_characters_of_data_do_not_reach_the_terminal(muster: Muster) -> None:
    said = muster("query", "select 'a' || chr(10) || chr(27) || '[31mb' as m")
    assert said.out.splitlines()[1] == "a\\n\\x1b[31mb"


def test_a_table_that_is_piped_is_whole_with_the_names_and_numbers_of_the_data(
    muster: Muster,
) -> None:
    long = "x" * 300
    said = muster("query", f"select 1234567 as profile_id, '{long}' as some_text, true as b")
    heading, row = said.out.splitlines()
    assert heading.split() == ["profile_id", "some_text", "b"]
    assert row.split() == ["1234567", long, "yes"]
    assert len(muster("query", "from profiles", "--limit", "3").out.splitlines()) == 4


def test_a_result_wider_than_the_terminal_is_a_block_of_lines_a_row(
    muster: Muster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "60")
    said = muster("query", f"select i as n, '{'x' * 80}' as t from range(2) r(i)")
    assert said.out.splitlines() == ["n  0", f"t  {'x' * 80}", "", "n  1", f"t  {'x' * 80}"]


ODD = """select 'nan'::double a, 'infinity'::double b, 3::hugeint c, 1.50::decimal(9, 2) d,
    '\\xAA\\x01'::blob e, interval '2 years 3 days' f, date '20000-01-02' g,
    timestamp '2026-01-02 03:04:05' h, union_value(u := 7) i, [interval 1 day] j,
    0.1234567890123456789012345::decimal(38, 25) k"""


def test_json_is_valid_and_typed_whatever_the_types_of_the_data(muster: Muster) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    said = muster("query", ODD, "--json")
    assert said.status == 0, said.err
    (row,) = json.loads(said.out, parse_constant=refuse)
    assert (row["a"], row["b"], row["c"], row["d"]) == (None, None, 3, 1.5)
    assert (row["e"], row["f"], row["g"]) == ("aa01", "2 years 3 days", "20000-01-02")
    assert (row["i"], row["j"]) == ("7", "[1 day]")
    assert row["h"].startswith("2026-01-02")
    assert row["k"] == "0.1234567890123456789012345"
    (usual,) = muster("query", "select timestamp '2026-01-02 03:04:05' h", "--json").data
    assert usual == {"h": "2026-01-02T03:04:05"}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_takes_what_its_form_has_no_type_for_as_text(
    muster: Muster, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"x.{suffix}"
    said = muster("query", ODD, "--out", str(out), "--json")
    assert said.status == 0, said.err
    assert said.data == {"rows": 1, "file": str(out)}
    if suffix == "parquet":
        row = pq.read_table(out).select(["f", "i", "j"]).to_pylist()[0]
        assert row == {"f": "2 years 3 days", "i": "7", "j": "[1 day]"}
    else:
        text = out.read_text("utf-8-sig")
        assert all(part in text for part in ("2 years 3 days", "20000-01-02", "[1 day]"))
