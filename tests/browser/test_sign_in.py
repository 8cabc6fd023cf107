"""Signing in for real: an identity provider, a cold server, Chromium."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PROFILES, ROOT, App, _end, _free_port, _wait
from tests.browser.identity import Provider

pytestmark = pytest.mark.slow

PAGES = sorted((ROOT / "pages").rglob("*.py"))
PEOPLE: dict[str, dict[str, object]] = {
    "ada": {"email": "ada@muster.test", "name": "Ada", "email_verified": True},
    "vera": {"email": "vera@muster.test", "name": "Vera", "groups": ["Readers"]},
    "eve": {"email": "eve@muster.test", "name": "Eve"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    running = Provider(_free_port(), PEOPLE)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[App]:
    """Start a Muster that people sign in to; nobody has been there yet."""
    home = tmp_path_factory.mktemp("guarded")
    port = _free_port()
    # Cookies do not tell ports apart: the app goes by another name than the provider.
    url = f"http://localhost:{port}"
    (home / "secrets.toml").write_text(provider.secrets(url), "utf-8")
    environment = {
        **os.environ,
        "MUSTER_STATE": str(home / "state"),
        "MUSTER_SAMPLE": str(home / "sample"),
        "MUSTER_SAMPLE_PROFILES": str(PROFILES),
        "MUSTER_WORKER": "false",
        "MUSTER_PRACTICE": "false",
        "MUSTER_ADMINISTRATORS": "ada@muster.test",
        "MUSTER_VIEWERS": "group:Readers",
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--secrets.files", str(home / "secrets.toml")]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(url, process, home / "log")
        yield App(url, home / "state")
    finally:
        _end(home / "state")


def sign_in(page: Page, app: App, who: str) -> None:
    page.goto(app.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=who).click()


def test_on_a_cold_server_no_address_shows_anything_of_its_page(guarded: App, page: Page) -> None:
    told: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: told.append(str(f))))
    for path in PAGES:
        told.clear()
        page.goto(f"{guarded.url}/{path.stem}")
        expect(page.get_by_role("heading", name="Sign in to Muster")).to_be_visible()
        expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
        drawn = page.get_by_test_id("stMain").get_by_role("heading", level=1)
        assert drawn.all_inner_texts() == ["Sign in to Muster"]
        assert told and not any("profile_id" in frame for frame in told)
    assert not (guarded.state / "store.db").exists()


def test_an_administrator_signs_in_acts_and_signs_out(guarded: App, page: Page) -> None:
    sign_in(page, guarded, "ada")
    expect(page.get_by_test_id("stSidebar").get_by_text("Ada")).to_be_visible(timeout=30_000)
    # The sample company is made on the first visit.
    expect(page.get_by_text("Where things stand")).to_be_visible(timeout=60_000)
    page.goto(f"{guarded.url}/connections")
    expect(page.get_by_role("button", name="Connect a Mailchimp account")).to_be_visible(
        timeout=15_000
    )
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Muster")).to_be_visible()
    page.goto(f"{guarded.url}/connections")
    expect(page.get_by_role("heading", name="Sign in to Muster")).to_be_visible()


def test_a_group_makes_a_viewer_and_a_stranger_is_told_so(guarded: App, page: Page) -> None:
    sign_in(page, guarded, "vera")
    expect(page.get_by_test_id("stSidebar").get_by_text("Vera")).to_be_visible(timeout=30_000)
    page.goto(f"{guarded.url}/connections")
    expect(page.get_by_text("Only administrators add or change connections")).to_be_visible(
        timeout=15_000
    )
    page.context.clear_cookies()
    sign_in(page, guarded, "eve")
    expect(page.get_by_role("heading", name="You have no role here")).to_be_visible()


def test_a_cookie_that_somebody_made_up_lets_nobody_in(guarded: App, page: Page) -> None:
    forged = {"name": "_streamlit_user", "value": "ada@muster.test", "url": guarded.url}
    page.context.add_cookies([forged])  # type: ignore[list-item]
    page.goto(f"{guarded.url}/profiles")
    expect(page.get_by_role("heading", name="Sign in to Muster")).to_be_visible()
