"""A real Muster in a real browser: the app, its worker and its practice Mailchimp as processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.install import find_chromium

ROOT = Path(__file__).resolve().parents[2]
PROFILES = 3000
# Two cores may be busy with other tests; what is there in time costs no waiting.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class App:
    """A running Muster."""

    url: str
    state: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"the app did not start:\n{log.read_text()[-2000:]}")


def _end(state: Path) -> None:
    """End what works on this state directory: the worker and the practice are detached."""
    mine = []
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("MUSTER_STATE") == str(state):
            process.send_signal(signal.SIGTERM)
            mine.append(process)
    _, alive = psutil.wait_procs(mine, timeout=5)
    for process in alive:
        process.kill()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Start Muster on a free port, with a state directory and a small company of its own."""
    home = tmp_path_factory.mktemp("muster")
    url = f"http://127.0.0.1:{(port := _free_port())}"
    environment = {
        **os.environ,
        "MUSTER_STATE": str(home / "state"),
        "MUSTER_SAMPLE": str(home / "sample"),
        "MUSTER_SAMPLE_PROFILES": str(PROFILES),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(url, process, home / "log")
        yield App(url, home / "state")
    finally:
        _end(home / "state")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Open the Chromium of this machine."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open an empty tab of a person who speaks English."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()
