"""Pages opened by their address on servers that nobody has visited, in Chromium."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from lib.access import LOCAL_ADMINISTRATOR
from lib.settings import load
from lib.store import audit, open_store
from lib.ui.frame import pages, server
from tests.browser.conftest import ROOT, App, _end, _free_port, _wait
from tests.browser.identity import Provider

PEOPLE: dict[str, dict[str, object]] = {
    "ada": {"email": "ada@muster.test", "name": "Ada"},
    "vera": {"email": "vera@muster.test", "name": "Vera"},
    "eve": {"email": "eve@muster.test", "name": "Eve"},
}
Start = Callable[..., App]


@pytest.fixture
def start(tmp_path: Path, sample_dir: Path) -> Iterator[Start]:
    """Return what starts a Muster whose sample company is there, and ends it with the test."""
    with ExitStack() as endings:

        def cold(*options: str, name: str = "127.0.0.1", **settings: str) -> App:
            url = f"http://{name}:{(port := _free_port())}"
            environment = {
                **os.environ,
                "MUSTER_STATE": str(tmp_path / "state"),
                "MUSTER_SAMPLE": str(sample_dir),
                "MUSTER_SAMPLE_PROFILES": "3000",
                "MUSTER_WORKER": "false",
                "MUSTER_PRACTICE": "false",
                **settings,
            }
            command = [sys.executable, "-m", "streamlit", "run", "app.py"]
            command += ["--server.headless", "true", "--server.port", str(port), *options]
            log = (tmp_path / "log").open("wb")
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
            endings.callback(_end, tmp_path / "state")
            _wait(url, process, tmp_path / "log")
            return App(url, tmp_path / "state")

        yield cold


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider(_free_port(), PEOPLE)
    running.start()
    yield running
    running.stop()


def arrives(page: Page, title: str = "") -> None:
    """Expect a page that is finished, with no box over it."""
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=1)
    expect(heading).to_contain_text(title)
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_cold_server_knows_every_page_by_its_address(start: Start, page: Page) -> None:
    cold = start()
    titles = {Path(entry.path).stem: entry.title for entry in pages.entries()[1:]}
    for address, title in titles.items():
        page.goto(f"{cold.url}/{address}")
        arrives(page)
        assert page.url == f"{cold.url}/{address}"
        here = page.get_by_test_id("stSidebarNavLink").and_(page.locator("[aria-current=page]"))
        expect(here).to_contain_text(title)


def test_the_browser_is_opened_as_streamlit_run_does(start: Start, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    (browser := tmp_path / "browser").write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o700)
    cold = start("--server.headless", "false", BROWSER=str(browser))
    deadline = time.monotonic() + 10
    while not opened.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert opened.read_text().strip() == f"{cold.url.replace('127.0.0.1', 'localhost')}/"


@pytest.mark.slow
@pytest.mark.parametrize("address", server.addresses())
def test_every_page_may_be_the_first_that_a_server_shows(
    start: Start, page: Page, address: str
) -> None:
    page.goto(f"{start().url}/{address}")
    arrives(page)


def own_address() -> str:
    """Return an address by which other machines know this one; localhost when it has none."""
    every = [address for kind in psutil.net_if_addrs().values() for address in kind]
    known = [one.address for one in every if one.family == socket.AF_INET]
    return next((one for one in known if not one.startswith("127.")), "localhost")


def test_who_signs_in_at_a_page_lands_there_and_the_log_knows_who_came_from_where(
    start: Start, page: Page, provider: Provider, tmp_path: Path
) -> None:
    (secrets := tmp_path / "secrets.toml").touch()
    # Cookies do not tell ports apart: the app goes by another name than the provider.
    guarded = start(
        "--secrets.files", str(secrets), "--server.address", "0.0.0.0", name=own_address(),
        MUSTER_ADMINISTRATORS="ada@muster.test", MUSTER_VIEWERS="vera@muster.test",
    )  # fmt: skip
    secrets.write_text(provider.secrets(guarded.url), "utf-8")
    for who, errors in (("ada", 0), ("vera", 1), ("eve", 0)):
        page.goto(f"{guarded.url}/audit")
        arrives(page, "Sign in to Muster")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name=who).click()
        arrives(page, "You have no role here" if who == "eve" else "Audit")
        assert page.url == f"{guarded.url}/audit"
        expect(page.get_by_text("A viewer may not read the audit log")).to_have_count(errors)
        page.get_by_role("button", name="Sign out").click()
        arrives(page, "Sign in to Muster")
    with open_store(load(state=guarded.state)) as store:
        log = [one for one in audit.entries(store, LOCAL_ADMINISTRATOR) if one.noun == "sign-in"]
    where = "on this machine" if own_address() == "localhost" else f"at {own_address()}"
    assert {one.origin for one in log} == {f"browser {where}"}
    assert [f"{one.who.partition('@')[0]} {one.verb}" for one in reversed(log)] == [
        "ada signed in", "ada signed out", "vera signed in", "vera signed out",
        "eve was refused", "eve signed out",
    ]  # fmt: skip


@contextmanager
def forwarding(host: str, port: int) -> Iterator[int]:
    """Lead a port of this machine to another address, as somebody would who makes up a Host."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, far = listener.accept()[0], socket.create_connection((host, port))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])


def test_a_server_that_listens_elsewhere_than_it_says_lets_no_other_machine_in(
    page: Page, tmp_path: Path, sample_dir: Path
) -> None:
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "0.0.0.0"]
    environment = {
        **os.environ, "MUSTER_STATE": str(tmp_path / "state"), "MUSTER_SAMPLE": str(sample_dir),
        "MUSTER_SAMPLE_PROFILES": "3000", "MUSTER_WORKER": "false", "MUSTER_PRACTICE": "false",
        "STREAMLIT_SERVER_HEADLESS": "true",
    }  # fmt: skip
    port = _free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}", process, tmp_path / "log")
        page.goto(f"http://127.0.0.1:{port}/connections")
        arrives(page, "Connections")
        if own_address() != "localhost":
            with forwarding(own_address(), port) as made_up:
                page.goto(f"http://localhost:{made_up}/connections")
                arrives(page, "Set up sign-in first")
    finally:
        _end(tmp_path / "state")
