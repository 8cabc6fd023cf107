from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.sources import Source
from lib.store import Store, sources

Visit = Callable[..., AppTest]


def test_the_profile_table_comes_first_with_a_line_per_column(visit: Visit) -> None:
    at = visit("explore/profiles")
    assert {"profile_id", "email", "first_name"} <= set(at.dataframe[0].value["column"])


def test_the_chosen_column_shows_what_it_holds(visit: Visit) -> None:
    at = visit("explore/profiles")
    columns = list(at.dataframe[0].value["column"])
    chosen = {"selection": {"rows": [columns.index("country")], "columns": [], "cells": []}}
    at.session_state["profiles.columns.profiles"] = chosen
    at.run()
    assert "country" in [header.value for header in at.subheader]


def test_somebody_is_found_by_a_part_of_the_name(visit: Visit) -> None:
    at = visit("explore/profiles")
    at.text_input(key="profiles.search").set_value("anna").run()
    found = at.dataframe[0].value
    assert len(found) > 0
    assert "profile_id" in found.columns


def test_one_person_found_is_shown_with_their_values(visit: Visit) -> None:
    at = visit("explore/profiles")
    somebody = _first_key(at)
    at.text_input(key="profiles.search").set_value(str(somebody)).run()
    assert not at.exception
    assert str(somebody) in [text.value for text in at.text]


def test_nobody_found_says_so(visit: Visit) -> None:
    at = visit("explore/profiles")
    at.text_input(key="profiles.search").set_value("qqzzxx").run()
    assert "Nobody" in at.info[0].value


def test_dates_that_python_cannot_hold_are_shown_as_they_are_written(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    rows = "select i as id, date '2024-01-01' + i::int as since, date '9999-12-31' as until, "
    rows += "'infinity'::timestamp as seen from range(5) t(i)"
    with duckdb.connect() as db:
        db.sql(rows).write_parquet(str(tmp_path / "terms.parquet"))
    sources.add(store, administrator, Source("terms", str(tmp_path / "terms.parquet"), key="id"))
    at = visit("explore/profiles")
    assert not at.error
    assert {"until", "seen"} <= set(at.dataframe[0].value["column"])


def test_an_estimated_count_of_distinct_values_says_so(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    rows = "select i as id, i % 700 as few, i % 9000 as many from range(120000) t(i)"
    with duckdb.connect() as db:
        db.sql(rows).write_parquet(str(tmp_path / "visits.parquet"))
    sources.add(store, administrator, Source("visits", str(tmp_path / "visits.parquet"), key="id"))
    at = visit("explore/profiles")
    listed = at.dataframe[0].value
    distinct = dict(zip(listed["column"], listed["distinct"], strict=True))
    assert distinct["few"] == "700"
    assert distinct["many"].startswith("≈ ") and distinct["id"].startswith("≈ 1")
    assert any(":gray[Distinct] 120,000" in one.value for one in at.markdown)


def _first_key(at: AppTest) -> int:
    from lib.sql import Sql
    from lib.ui import resources

    rows = resources.warehouse().preview(Sql("select min(profile_id) as k from profiles"), 1).rows
    return int(pl.DataFrame(rows)["k"][0])
