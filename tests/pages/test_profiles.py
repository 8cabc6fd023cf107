from collections.abc import Callable

import polars as pl
from streamlit.testing.v1 import AppTest

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


def _first_key(at: AppTest) -> int:
    from lib.sql import Sql
    from lib.ui import resources

    rows = resources.warehouse().preview(Sql("select min(profile_id) as k from profiles"), 1).rows
    return int(pl.DataFrame(rows)["k"][0])
