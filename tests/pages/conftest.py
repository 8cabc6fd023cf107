"""Pages run through app.py, as a browser would run them, over a small sample company."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from lib.access import LOCAL_ADMINISTRATOR, Person
from lib.runs import process
from lib.settings import ROOT
from lib.store import Store
from lib.ui import resources

AUTH = {"redirect_uri": "http://localhost/oauth2callback", "client_id": "muster"}


@pytest.fixture(autouse=True)
def caches_are_fresh() -> Iterator[None]:
    """Give each test its own process, as far as caches go: AppTest shares them otherwise."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True, scope="session")
def packages_are_scanned_once() -> Iterator[None]:
    """Remember which packages bring components: AppTest reads all that are installed in each run.

    That takes a tenth of a second, and pages run more than a thousand times here.
    """
    scan = manifest_scanner.scan_component_manifests
    found = scan()
    manifest_scanner.scan_component_manifests = lambda max_workers=None: list(found)
    yield
    manifest_scanner.scan_component_manifests = scan


@pytest.fixture(autouse=True)
def streamlit_is_legible() -> Iterator[None]:
    """Show what went wrong, and let AppTest keep its format functions in the session state."""
    changed = {"client.showErrorDetails": "full", "runner.enforceSerializableSessionState": False}
    before = {name: config.get_option(name) for name in changed}
    for name, value in changed.items():
        config.set_option(name, value)
    yield
    for name, value in before.items():
        config.set_option(name, value)


@pytest.fixture(autouse=True)
def installation(state: Path, sample_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point Muster at a state directory of the test's own, without worker and practice."""
    monkeypatch.setenv("MUSTER_STATE", str(state))
    monkeypatch.setenv("MUSTER_SAMPLE", str(sample_dir))
    monkeypatch.setenv("MUSTER_SAMPLE_PROFILES", "3000")
    monkeypatch.setenv("MUSTER_WORKER", "false")
    monkeypatch.setenv("MUSTER_PRACTICE", "false")
    return state


@pytest.fixture
def visit() -> Callable[[str], AppTest]:
    """Return a function that opens a page, such as ``explore/query``, through app.py."""

    def open_page(page: str = "") -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
        if page:
            at.switch_page(f"pages/{page}.py").run()
        assert not at.exception, at.exception
        return at

    return open_page


@pytest.fixture
def store() -> Store:
    """Return the store that the pages of this test use."""
    return resources.store()


@pytest.fixture
def administrator() -> Person:
    """Return who acts when nobody signs in."""
    return LOCAL_ADMINISTRATOR


@pytest.fixture
def arrive(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Return a function that opens a page as somebody whom an identity provider knows.

    Ada is administrator, Cora contributor, Vera viewer, each at muster.test.
    """
    monkeypatch.setenv("MUSTER_ADMINISTRATORS", "Ada@muster.test, group:IT")
    monkeypatch.setenv("MUSTER_CONTRIBUTORS", '["cora@muster.test", "group:cn=crew,o=muster"]')
    monkeypatch.setenv("MUSTER_VIEWERS", "vera@muster.test")

    def open_as(page: str = "", **claims: object) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
        at.secrets["auth"] = AUTH
        at.user["is_logged_in"] = bool(claims)
        for name, value in claims.items():
            at.user[name] = value
        at.run()
        if page:
            at.switch_page(f"pages/{page}").run()
        assert not at.exception, at.exception
        return at

    return open_as


@pytest.fixture
def worker_ends() -> Iterator[None]:
    """End the worker that the test had started."""
    yield
    said = process.sign_of_life(resources.settings())
    if said is not None:
        os.kill(said.pid, signal.SIGTERM)
