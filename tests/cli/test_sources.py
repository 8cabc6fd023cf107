"""Sources by command line: read anew when their files change, gone with their copies."""

from pathlib import Path

from lib.settings import Settings
from tests.cli.conftest import Muster


def test_a_converted_source_follows_its_file_and_leaves_nothing_behind(
    muster: Muster, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("id,total\n1,5\n", "utf-8")
    assert muster("sources", "add", "orders", str(file)).status == 0
    file.write_text("id,total\n1,5\n2,7\n", "utf-8")
    (row,) = muster("sources", "list", "--json").data
    assert (row["rows"], row["trouble"]) == (2, None)

    file.write_text('id,total\n1,"5\n2,x,y\n', "utf-8")
    said = muster("sources", "list", "--json")
    assert said.data[0]["rows"] == 2 and "cannot be read" in said.data[0]["trouble"]
    assert "orders: " in said.err
    assert muster("sources", "refresh", "orders").status == 1
    file.write_text("id,total\n3,9\n", "utf-8")
    assert muster("sources", "refresh", "orders", "--json").data["origin"] == str(file)
    assert muster("query", "select id from orders", "--json").data == [{"id": 3}]

    assert muster("sources", "remove", "orders", "--json").data["removed"]
    assert file.exists() and not list((settings.state / "warehouse").glob("orders*"))


def test_a_source_that_vanished_keeps_its_place_and_says_why(
    muster: Muster, tmp_path: Path, sample_dir: Path
) -> None:
    file = tmp_path / "p.parquet"
    file.write_bytes(next(sample_dir.rglob("products.parquet")).read_bytes())
    assert muster("sources", "add", "people", str(file)).status == 0
    file.unlink()
    listed = muster("sources", "list", "--json")
    (row,) = listed.data
    assert (row["name"], row["rows"], row["location"]) == ("people", None, str(file))
    table = muster("sources", "list")
    assert str(file) in table.out and row["trouble"] in table.out


def test_an_encoding_that_was_assumed_is_said(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_bytes("id,name\n1,Bjørn\n2,Åse\n".encode("latin-1"))
    said = muster("sources", "add", "names", str(file), "--json")
    assert (said.status, said.data["note"]) == (0, "read as Latin-1"), said.err
    assert "names is no UTF-8 and was read as Latin-1" in said.err
    assert muster("sources", "list", "--json").data[0]["note"] == "read as Latin-1"


def test_the_last_source_is_not_removed_under_what_is_saved(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,ada@x.no\n", "utf-8")
    assert muster("sources", "add", "people", str(file), "--key", "id").status == 0
    assert muster("segments", "add", "All", "--sql", "select id from people").status == 0
    said = muster("sources", "remove", "people")
    assert said.status == 3 and "(segments: 1, exports: 0)" in " ".join(said.err.split())
    assert [row["name"] for row in muster("sources", "list", "--json").data] == ["people"]
