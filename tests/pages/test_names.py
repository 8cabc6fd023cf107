"""Names that people chose are shown as they are, whatever Markdown would make of them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from lib.access import Person
from lib.contacts.matching import FieldMatch, Matching
from lib.runs import desk
from lib.settings import ROOT
from lib.store import Store, connections, exports, plans, progress, segments
from lib.store.exports import Export
from lib.store.runs import RunState
from lib.ui import resources
from lib.ui.markdown import literal

if TYPE_CHECKING:
    from tests.conftest import Practice

NAME = "*big* $1$ <b> [x](y) :red[z] `c`"
LISTS = {"selectbox", "multiselect", "text_input", "text_area", "dataframe", "table", "code"}
"""These show options and values as they are."""
Visit = Callable[..., AppTest]


@pytest.fixture
def named(store: Store, administrator: Person, practice: "Practice") -> Export:
    """Return an export of which everything is called NAME."""
    connection = connections.add(
        store,
        administrator,
        name=NAME,
        api_key=practice.api_key,
        api_url=practice.url,
        practice=True,
    )
    sql = "select profile_id from profiles where country = 'NO'"
    segment = segments.add(store, administrator, name=NAME, sql=sql, description=NAME)
    return exports.add(
        store,
        administrator,
        name=NAME,
        connection=connection.id,
        audience_id=practice.audience_id,
        audience_name=NAME,
        matching=Matching("email", (FieldMatch("FNAME", "first_name"),)),
        segments=[segment.id],
    )


def nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Block):
        for child in node.children.values():
            yield from nodes(child)


def markup(at: AppTest) -> list[str]:
    """Everything on the page that is read as Markdown."""
    found = [node for node in nodes(at._tree) if node.type not in LISTS]
    said = [str(getattr(node, part, "")) for node in found for part in ("value", "label")]
    # AppTest knows no dialogs: what is in one it shows as a block, its title only as it was sent.
    titles = [node.proto.dialog.title for node in found if node.type == "dialog" and node.proto]
    return [text for text in [*said, *titles] if text]


def assert_literal(at: AppTest) -> None:
    assert not at.exception, at.exception
    told = markup(at)
    assert [text for text in told if NAME in text] == []
    assert any(literal(NAME) in text for text in told), told


def test_it_is_seen_when_a_name_is_read_as_markup(visit: Visit) -> None:
    def page(name: str) -> None:
        import streamlit as st

        st.subheader(name)

    assert NAME in markup(AppTest.from_function(page, args=(NAME,)).run())


def picked(at: AppTest, key: str, row: int = 0) -> AppTest:
    """Tick a row of the table whose key begins so."""
    table = next(str(one.key) for one in at.dataframe if str(one.key).startswith(key))
    at.session_state[table] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return at.run()


def opened(at: AppTest, dialog: str) -> AppTest:
    at.session_state["dialogs.open"] = dialog
    return at.run()


def begun(page: str, export: Export) -> AppTest:
    """Open a page on an export."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    at.session_state["session.choice"] = {"export_id": export.id}
    return at.switch_page(f"pages/{page}.py").run()


def test_on_the_list_of_segments(visit: Visit, named: Export) -> None:
    at = picked(visit("segments/library"), "library.table")
    assert_literal(at)
    for name in ("edit", "rename", "duplicate", "remove"):
        assert_literal(opened(at, f"segment.{name}"))


def test_on_the_list_of_exports(visit: Visit, named: Export) -> None:
    at = picked(visit("exports/overview"), "overview.table")
    assert_literal(at)
    for name in ("run", "schedule", "duplicate", "detach", "remove"):
        assert_literal(opened(at, f"export.{name}"))


def test_where_an_export_is_set_up(named: Export) -> None:
    at = begun("exports/setup", named)
    assert_literal(at.button(key="setup.save").click().run())


def test_where_a_plan_is_read_and_approved(
    store: Store, administrator: Person, named: Export
) -> None:
    desk.plan_here(store, resources.settings(), administrator, named.id)
    at = begun("exports/review", named)
    assert_literal(at.button(key="review.push").click().run())


def test_where_runs_are_watched(
    visit: Visit, store: Store, administrator: Person, named: Export
) -> None:
    plan = desk.plan_here(store, resources.settings(), administrator, named.id)
    plans.approve(store, administrator, plan.id)
    run = progress.request(store, administrator, plan.id)
    assert_literal(visit("exports/runs"))
    progress.begin(store, run.id)
    progress.finish(store, run.id, RunState.FAILED, f"“{NAME}” is gone.")
    assert_literal(visit("exports/runs"))


def test_on_the_list_of_connections(visit: Visit, named: Export) -> None:
    at = visit("admin/connections")
    assert_literal(at)
    for name in ("rotate", "remove"):
        assert_literal(at.button(key=f"connections.{name}.{named.connection_id}").click().run())


def test_in_the_audit_log(visit: Visit, named: Export) -> None:
    assert_literal(picked(visit("admin/audit"), "audit.table"))
