from collections.abc import Callable
from dataclasses import fields

import polars as pl
import pytest
from sqlalchemy import text, update
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.config import Office
from lib.sources import Source
from lib.store import Store, choices, segments, sign_ins
from lib.store.audit import Filter, record
from lib.store.channels import Channel
from lib.store.connections import Connection
from lib.store.export_record import Export
from lib.store.segments import Segment
from lib.store.tables import OUTCOMES, audit
from lib.ui import resources
from lib.ui.admin import audit_log, audit_words

Visit = Callable[..., AppTest]


def test_the_page_shows_who_did_what_with_old_and_new(
    visit: Visit, store: Store, administrator: Person
) -> None:
    made = segments.add(store, administrator, name="Gold", sql="select 1")
    segments.rename(store, administrator, made.id, "Silver")
    choices.put(store, administrator, "refresh", "off")
    at = visit("admin/audit")
    table = at.dataframe[0].value
    assert list(table["on what"]) == ["refresh", "Silver", "Gold"]
    assert [table[column][1].split(" · ")[0] for column in ("old", "new")] == [
        "name: Gold",
        "name: Silver",
    ], "what a narrow column still shows is what changed, not when"
    assert set(table["who"]) == {"local administrator"} and set(table["from"]) == {"app"}


def test_filters_narrow_the_log(visit: Visit, store: Store, administrator: Person) -> None:
    segments.add(store, administrator, name="Gold", sql="select 1")
    choices.put(store, administrator, "refresh", "off")
    at = visit("admin/audit")
    at.selectbox(key="audit.noun").select("segment").run()
    assert list(at.dataframe[0].value["on what"]) == ["Gold"]
    at.text_input(key="audit.search").input("nothing like it").run()
    assert not at.dataframe and at.info[0].value == "No entry fits."


def test_all_entries_that_fit_are_downloaded_and_no_spreadsheet_runs_them(
    visit: Visit, store: Store, administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "_SHOWN", 1)
    for name in ("=1+1", "Silver"):
        segments.add(store, administrator, name=name, sql="select 1")
    choices.put(store, administrator, "refresh", "off")
    at = visit("admin/audit")
    at.selectbox(key="audit.noun").select("segment").run()
    assert len(at.dataframe[0].value) == 1
    office = Office(resources.settings(), store, administrator)
    written = audit_log.as_csv(office, Filter(noun="segment"))
    assert list(pl.read_csv(written)["on what"]) == ["Silver", "'=1+1"]


def test_the_check_tells_a_changed_entry(visit: Visit, store: Store, administrator: Person) -> None:
    choices.put(store, administrator, "refresh", "off")
    choices.put(store, administrator, "refresh", "on")
    at = visit("admin/audit")
    at.button(key="audit.verify").click().run()
    assert "All 2 entries" in at.success[0].value
    with store.write() as db:
        db.execute(text("DROP TRIGGER audit_is_append_only_UPDATE"))
        db.execute(update(audit).where(audit.c.seq == 1).values(who="somebody else"))
    at.button(key="audit.verify").click().run()
    assert "From entry 1 on" in at.error[0].value


def test_an_empty_log_is_not_told_as_a_search_without_hits(visit: Visit) -> None:
    assert visit("admin/audit").info[0].value == "Nothing has been done yet."


def test_a_chosen_entry_is_shown_whole(visit: Visit, store: Store, administrator: Person) -> None:
    made = segments.add(store, administrator, name="Gold", sql="select 1")
    segments.rename(store, administrator, made.id, "Silver")
    sign_ins.begun(store, "ada@muster.test", "1000", admitted=True)
    at = visit("admin/audit")
    assert at.dataframe[0].value["did"].iloc[0] == "signed in"
    at.session_state["audit.table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    at.run()
    table = at.table[0].value.set_index("value")
    assert list(table.loc["name"]) == ["Gold", "Silver"]
    assert any(f" · app · {made.id} · " in one.value for one in at.caption)


@pytest.mark.parametrize("kept", [Channel, Connection, Export, Segment, Source])
def test_every_field_of_an_audited_record_is_labelled(kept: type) -> None:
    assert {one.name for one in fields(kept)} <= audit_words.labels().keys()


def test_every_outcome_of_an_audited_run_is_labelled() -> None:
    assert set(OUTCOMES) <= audit_words.labels().keys()


def test_fields_and_what_stands_in_them_are_told_in_words(
    visit: Visit, store: Store, administrator: Person
) -> None:
    with store.write() as db:
        record(store, db, administrator, "changed", "connection", ref="con_1", name="Mailchimp",
               old={"shared": False, "contract_limit": None},
               new={"shared": True, "contract_limit": 500})  # fmt: skip
    told = visit("admin/audit").dataframe[0].value
    assert set(told["new"][0].split(" · ")) == {
        "shared with contributors: yes", "contract limit: 500"}  # fmt: skip
    assert told["old"][0] == "shared with contributors: no"
