import ast
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from lib.access import LOCAL_ADMINISTRATOR, RIGHTS, Role, Roster
from lib.runs.keeping import retention
from lib.settings import ROOT, load
from lib.store import Store, audit
from lib.ui import resources
from lib.ui.frame import pages

FILES = sorted(path.relative_to(ROOT / "pages") for path in (ROOT / "pages").rglob("*.py"))
Arrive = Callable[..., AppTest]
Visit = Callable[..., AppTest]


def titles(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_without_signing_in_no_page_shows_anything(path: Path, arrive: Arrive) -> None:
    at = arrive(str(path))
    assert titles(at) == ["Sign in to Muster"]
    assert [button.key for button in at.button] == ["frame.sign_in"]
    assert not at.sidebar.caption


@pytest.mark.parametrize("path", FILES, ids=str)
def test_who_is_signed_in_without_a_role_sees_no_page_either(path: Path, arrive: Arrive) -> None:
    at = arrive(str(path), email="eve@muster.test")
    assert titles(at) == ["You have no role here"]
    assert [button.key for button in at.button] == ["frame.sign_out"]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_page_opens_or_refuses_as_the_role_says(
    path: Path, role: Role, arrive: Arrive
) -> None:
    email = {"viewer": "vera", "contributor": "cora", "administrator": "ada"}[role]
    at = arrive(str(path), email=f"{email}@muster.test")
    entry = next(one for one in pages.entries() if one.path == f"pages/{path}")
    allowed = entry.action is None or entry.action in RIGHTS[role]
    assert any("may not" in error.value for error in at.error) is not allowed
    assert role is Role.ADMINISTRATOR or "system.worker" not in [one.key for one in at.button]


@pytest.mark.parametrize(
    ("claims", "title"),
    [
        ({"email": "ADA@muster.test"}, True),
        ({"email": "x@muster.test", "groups": ["IT"]}, True),
        ({"email": "x@muster.test", "groups": "IT"}, True),
        ({"email": "x@muster.test", "groups": ["cn=crew,o=muster"]}, True),
        ({"sub": "42", "groups": ["IT"]}, True),
        ({"email": "x@muster.test", "groups": ["it"]}, False),
        ({"email": "group:IT"}, False),
        ({"email": "ada@muster.test", "email_verified": False}, False),
        ({"email": ""}, False),
        ({"email": "ada@muster.test", "iat": time.time() - 13 * 3600}, False),
    ],
)
def test_a_role_comes_from_a_checked_address_or_a_group(
    claims: dict[str, object], title: bool, arrive: Arrive
) -> None:
    at = arrive("admin/sign_in.py", **claims)
    assert ("Sign-in and roles" in titles(at)) is title


def runs_out(at: AppTest) -> AppTest:
    """Let the sign-in run out while the page is open."""
    at.user["iat"] = time.time() - 13 * 3600
    return at


def signed_in(arrive: Arrive, page: str) -> AppTest:
    return arrive(page, email="ada@muster.test", iat=time.time())


def entries(store: Store) -> int:
    return len(audit.entries(store, LOCAL_ADMINISTRATOR))


def test_nothing_on_an_open_page_works_once_the_sign_in_ran_out(
    arrive: Arrive, store: Store
) -> None:
    at = signed_in(arrive, "admin/system.py")
    at.number_input(key="retention.days.0").set_value(90)
    before = entries(store)
    runs_out(at).button(key="retention.save").click().run()
    assert titles(at) == ["Sign in to Muster"] and not at.exception
    assert retention.days(store, resources.settings()) == 0 and entries(store) == before


def test_nothing_in_an_open_dialog_works_once_the_sign_in_ran_out(
    arrive: Arrive, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,ada@x.no\n")
    at = signed_in(arrive, "admin/system.py")
    at.button(key="source.new").click().run()
    at.text_input(key="source.name").input("people")
    at.text_input(key="source.place").input(str(file))
    before = entries(store)
    runs_out(at).button(key="source.save").click().run()
    assert titles(at) == ["Sign in to Muster"] and entries(store) == before


CALLBACKS = {"on_click", "on_change", "on_select"}
GATES = {"errors.attempt", "errors.admit", "dialogs.finish", "dialogs.stay"}


def callbacks(tree: ast.Module) -> Iterator[str]:
    """Find the names of functions that widgets of a module call back."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for word in call.keywords:
            if word.arg in CALLBACKS and isinstance(word.value, ast.Name):
                yield word.value.id


@pytest.mark.parametrize("room", ["lib/ui", "pages"])
def test_every_callback_that_works_with_the_store_comes_through_the_gate(room: str) -> None:
    past = []
    for path in (ROOT / room).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        made = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
        for name in sorted({*callbacks(tree)} & set(made)):
            said = ast.unparse(made[name])
            acts = any(word in said for word in (".store", "store,", ".who", "who,"))
            if acts and not any(gate in said for gate in GATES):
                past.append(f"{path.name}: {name}")
    assert past == []


def test_others_may_look_when_the_settings_say_so(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_OTHERS", "viewer")
    at = arrive("admin/sign_in.py", email="eve@muster.test")
    assert "Viewer" in str(at.markdown[0].value) or "viewer" in str(at.markdown[0].value)


def test_the_highest_role_counts() -> None:
    roster = Roster(("ada@x.test",), ("group:all",), ("group:all",), None)
    assert roster.role("ada@x.test", ["all"]) is Role.ADMINISTRATOR
    assert roster.role("bo@x.test", ["all"]) is Role.CONTRIBUTOR
    assert roster.role("bo@x.test", []) is None


def test_without_sign_in_a_server_that_others_reach_shows_nothing(
    visit: Callable[..., AppTest],
) -> None:
    before = config.get_option("server.address")
    try:
        for address in ("0.0.0.0", None, "192.168.1.7", "::"):
            config.set_option("server.address", address)
            st.cache_resource.clear()
            at = visit("explore/profiles")
            assert titles(at) == ["Set up sign-in first"] and not at.button
    finally:
        config.set_option("server.address", before)


def test_secrets_that_cannot_be_read_let_nobody_in(
    visit: Callable[..., AppTest], tmp_path: Path
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\nclient_id = ", "utf-8")
    before = config.get_option("secrets.files")
    try:
        config.set_option("secrets.files", [str(broken)])
        at = visit("explore/profiles")
        assert not at.title and ["secrets.toml" in error.value for error in at.error] == [True]
    finally:
        config.set_option("secrets.files", before)


def test_names_are_read_from_a_line_a_json_list_or_toml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_VIEWERS", " a@x.test ,group:A ")
    assert load().viewers == ("a@x.test", "group:A")
    monkeypatch.setenv("MUSTER_VIEWERS", '["group:cn=a,o=x"]')
    assert load().viewers == ("group:cn=a,o=x",)
    assert load(viewers=["a@x.test"]).viewers == ("a@x.test",)


def test_purging_is_a_right_of_administrators_that_is_shown(visit: Visit) -> None:
    rights = visit("admin/sign_in").table[0].value.set_index("May")
    (row,) = [row for may, row in rights.iterrows() if "Purge" in str(may)]
    assert list(row) == ["", "", "✓"]
