from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import Matching
from lib.store import Store, connections, counts, exports, segments
from lib.ui import resources
from lib.ui.segments import sizes

Visit = Callable[..., AppTest]
NORWAY = "select profile_id, email from profiles where country = 'NO'"
SWEDEN = "select profile_id from profiles where country = 'SE'"


def tick(at: AppTest, *rows: int) -> AppTest:
    chosen = at.session_state.get("session.choice") or {}
    table = f"library.table.{chosen.get('segment_id', '')}"
    at.session_state[table] = {"selection": {"rows": list(rows), "columns": []}}
    return at.run()


def test_a_library_without_segments_says_how_to_make_one(visit: Visit) -> None:
    at = visit("segments/library")
    assert "no segment yet" in at.info[0].value


def test_a_segment_is_made_from_sql(visit: Visit, store: Store, administrator: Person) -> None:
    at = visit("segments/library")
    at.button(key="library.write").click().run()
    at.text_input(key="segment.name").input("Norwegians")
    at.text_area(key="segment.sql").input(NORWAY)
    at.button(key="segment.save").click().run()
    assert not at.exception
    assert [one.name for one in segments.all(store, administrator)] == ["Norwegians"]


def test_a_query_that_does_not_work_is_not_saved_and_the_dialog_stays(
    visit: Visit, store: Store, administrator: Person
) -> None:
    at = visit("segments/library")
    at.button(key="library.write").click().run()
    at.text_input(key="segment.name").input("Broken")
    at.text_area(key="segment.sql").input("select nothing from nowhere")
    at.button(key="segment.save").click().run()
    assert segments.all(store, administrator) == ()
    assert at.error and at.text_input(key="segment.name").value == "Broken"


def test_one_segment_shows_its_size_against_the_limit_and_its_members(
    visit: Visit, store: Store, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_EXPORT_LIMIT", "2000000")
    resources.settings.clear()
    segments.add(store, administrator, name="Norwegians", sql=NORWAY)
    at = tick(visit("segments/library"), 0)
    assert "2,000,000" in at.progress[0].text
    assert list(at.dataframe[1].value.columns) == ["profile_id", "email"]


def test_a_count_that_took_too_long_is_tried_again(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_QUERY_TIMEOUT_S", "0.001")
    sql = "select profile_id from profiles, range(30000)"
    assert "stopped after" in sizes.of_sql(sql).trouble
    monkeypatch.delenv("MUSTER_QUERY_TIMEOUT_S")
    st.cache_resource.clear()
    resources.settings.clear()
    assert sizes.of_sql(sql).profiles


def test_looking_at_the_library_keeps_each_count_once_for_the_trend(
    visit: Visit, store: Store, administrator: Person
) -> None:
    made = segments.add(store, administrator, name="Norwegians", sql=NORWAY)
    visit("segments/library").run()
    assert len(counts.trend(store, administrator, made.id)) == 1


def test_several_segments_show_how_many_profiles_they_hold_together(
    visit: Visit, store: Store, administrator: Person
) -> None:
    for name, sql in (("Norwegians", NORWAY), ("Also Norwegians", NORWAY), ("Swedes", SWEDEN)):
        segments.add(store, administrator, name=name, sql=sql)
    at = tick(visit("segments/library"), 0, 1)
    assert "is the same person again" in " ".join(one.value for one in at.caption) or any(
        "same person again" in one.value for one in at.caption
    )


def test_a_segment_whose_table_vanished_says_so_and_the_others_stay(
    visit: Visit, store: Store, administrator: Person
) -> None:
    segments.add(store, administrator, name="Gone", sql="select profile_id from vanished")
    segments.add(store, administrator, name="Norwegians", sql=NORWAY)
    at = tick(visit("segments/library"), 0)
    assert "vanished" in at.error[0].value


def test_a_segment_in_use_is_not_deleted_and_the_page_says_by_what(
    visit: Visit, store: Store, administrator: Person
) -> None:
    made = segments.add(store, administrator, name="Norwegians", sql=NORWAY)
    practice = connections.add(
        store,
        administrator,
        name="Practice",
        api_key="0123456789abcdef0123456789abcdef-us1",
        api_url="http://127.0.0.1:1",
        practice=True,
    )
    exports.add(
        store,
        administrator,
        name="Newsletter",
        connection=practice.id,
        audience_id="abc",
        matching=Matching("email"),
        segments=[made.id],
    )
    at = tick(visit("segments/library"), 0)
    at.button(key="library.remove").click().run()
    assert "Newsletter" in at.warning[0].value
    assert segments.all(store, administrator)


def test_a_segment_is_renamed_duplicated_and_deleted(
    visit: Visit, store: Store, administrator: Person
) -> None:
    segments.add(store, administrator, name="Norwegians", sql=NORWAY)
    at = tick(visit("segments/library"), 0)
    at.button(key="library.rename").click().run()
    at.text_input(key="segment.name").input("Nordics")
    at.button(key="segment.save").click().run()
    at = tick(at, 0)
    at.button(key="library.duplicate").click().run()
    at.button(key="segment.save").click().run()
    names = [one.name for one in segments.all(store, administrator)]
    assert names == ["Nordics", "Nordics (copy)"]
    at = tick(at, 1)
    at.button(key="library.remove").click().run()
    at.button(key="segment.save").click().run()
    assert [one.name for one in segments.all(store, administrator)] == ["Nordics"]
