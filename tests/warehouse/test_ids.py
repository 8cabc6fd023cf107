"""Ids of many digits: no two of them may become one."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lib.sql import Sql
from lib.warehouse.duckdb import open_duckdb
from lib.warehouse.sources import admit

LONG, NEXT = "12345678901234567890", "12345678901234567891"
LONGEST = "9" * 38 + "8", "9" * 38 + "7"
"""More digits than a DECIMAL has, and no HUGEINT."""


def column(location: object, tmp_path: Path, what: str) -> tuple[str, list[object]]:
    """Take a source in, and return the type and the values of a column or expression."""
    source = admit("t", str(location), tmp_path / "copies")
    with open_duckdb([source], directory=tmp_path / "state") as warehouse:
        asked = Sql(f"SELECT {what} AS found FROM t ORDER BY 1")
        (kind,) = (one.type for one in warehouse.describe(asked))
        return kind, warehouse.preview(asked, 9).rows["found"].to_pylist()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((LONG, NEXT), "DECIMAL(38,0)"),
        ((f"-{LONG}", "7"), "DECIMAL(38,0)"),
        (LONGEST, "VARCHAR"),
        ((str(2**127 - 1), str(2**127 - 2)), "VARCHAR"),
        ((LONG, "0.5"), "VARCHAR"),
        (("12E34", "120E33"), "VARCHAR"),
        (("9007199254740993", "0.5"), "VARCHAR"),
        (("0.1234567890123456789", "2.5"), "DOUBLE"),
        (("1e-5", "2.5e3", "1E+5"), "DOUBLE"),
        (("1e3", "2.5"), "DOUBLE"),
        (("7", "8"), "BIGINT"),
    ],
)
def test_ids_of_a_csv_file_keep_all_digits(
    tmp_path: Path, values: tuple[str, ...], kind: str
) -> None:
    (tmp_path / "a.csv").write_text(
        "\n".join(["n,id", *(f"{i},{v}" for i, v in enumerate(values))])
    )
    found, held = column(tmp_path / "a.csv", tmp_path, "id")
    assert found == kind
    read = {"VARCHAR": str, "DECIMAL(38,0)": Decimal, "DOUBLE": float, "BIGINT": int}[kind]
    assert held == sorted(read(value) for value in values)


@pytest.mark.parametrize(
    ("values", "what", "kind"),
    [
        ((LONG, NEXT), "id", "DECIMAL(38,0)"),
        ((LONG, NEXT), "deep.id", "DECIMAL(38,0)"),
        (LONGEST, "id", "VARCHAR"),
        (("0.5", "1e5"), "id", "DOUBLE"),
    ],
)
@pytest.mark.parametrize("form", ["lines", "list"])
def test_ids_of_a_json_file_keep_all_digits(
    tmp_path: Path, values: tuple[str, ...], what: str, kind: str, form: str
) -> None:
    rows = [f'{{"id": {v}, "deep": {{"id": {v}}}, "name": "Åse"}}' for v in values]
    text = f"[{','.join(rows)}]" if form == "list" else "\n".join(rows)
    (tmp_path / "a.json").write_text(text, "utf-8")
    found, held = column(tmp_path / "a.json", tmp_path, what)
    read = {"VARCHAR": str, "DECIMAL(38,0)": Decimal, "DOUBLE": float}[kind]
    assert (found, held) == (kind, sorted(read(value) for value in values))


@pytest.mark.parametrize("kind", ["HUGEINT", "UHUGEINT"])
@pytest.mark.parametrize("value", [LONG, str(2**127 - 1)])
def test_ids_of_a_duckdb_file_keep_all_digits(tmp_path: Path, kind: str, value: str) -> None:
    with duckdb.connect(str(tmp_path / "a.db")) as db:
        db.execute(
            f"CREATE TABLE t AS SELECT {value}::{kind} AS id, {{'id': {value}::{kind}}} AS s"
        )
    for what in ("id", "s.id"):
        found, held = column(f"{tmp_path / 'a.db'}#t", tmp_path, what)
        assert (found, [str(one) for one in held]) == (
            "DECIMAL(38,0)" if value == LONG else "VARCHAR",
            [value],
        )


@pytest.mark.parametrize("born", ["31-01-1985", "85-01-31", "1985-01-31", "1985-01-31T10:00:00Z"])
def test_a_long_id_in_json_changes_no_day(tmp_path: Path, born: str) -> None:
    (tmp_path / "a.json").write_text(f'{{"id": {LONGEST[0]}, "born": "{born}"}}\n')
    assert column(tmp_path / "a.json", tmp_path, "id") == ("VARCHAR", [LONGEST[0]])
    kind, (held,) = column(tmp_path / "a.json", tmp_path, "born")
    assert (kind, held) == ("VARCHAR", born) or str(held).startswith("1985-01-31")


def test_keys_that_differ_by_case_are_all_there_beside_a_long_id(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(f'{{"id": {LONGEST[0]}, "Name": "a", "name": "b", "x": 1}}')
    assert column(tmp_path / "a.json", tmp_path, '"Name" || name_1')[1] == ["ab"]
    (tmp_path / "a.json").write_text(f'{{"id": {LONGEST[0]}, "name": "a", "name_1": "b"}}')
    assert column(tmp_path / "a.json", tmp_path, "id || name || name_1")[1] == [f"{LONGEST[0]}ab"]


def test_a_name_or_value_in_a_type_is_no_type(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.db")) as db:
        db.execute("CREATE TABLE t AS SELECT {'HUGEINT': 1, 'b': 2::HUGEINT} AS s")
    assert column(f"{tmp_path / 'a.db'}#t", tmp_path, "s.HUGEINT + s.b")[1] == [3]
