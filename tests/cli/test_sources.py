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
