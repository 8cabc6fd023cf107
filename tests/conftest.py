"""What every room's tests share: settings of a test's own, a small sample company, practice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import requests
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from lib.settings import Settings, load
from lib.store import open_store


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Keeps a file's tests in one process, and all that use a browser in one, one after the other.

    Several browsers at once would starve each other on two cores. The parts of a long proof go to
    whoever is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        if "[part" in nodeid:
            return nodeid
        file = str(super()._split_scope(nodeid))
        return "browser" if file.startswith("tests/browser/") else file


LONGEST = ("browser", "runs", "proof", "cli", "pages")
"""Rooms whose files take longest: they come first, so that no process is left with one alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the rooms that take longest first; within a room the order stays."""
    here = Path(__file__).parent
    rank = {room: place for place, room in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        return rank.get(item.path.relative_to(here).parts[0], len(LONGEST))

    items.sort(key=place)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Deal the tests out to the processes."""
    return ByFile(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the long proofs did, which they record under ``did``."""
    did: Counter[str] = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if getattr(report, "when", "") == "teardown":
            for name, value in report.user_properties:
                did.update(value if name == "did" else {})
    if did:
        terminalreporter.section("what the long proofs did")
    for what, times in sorted(did.items()):
        terminalreporter.line(f"{times:>9,}  {what}")


@pytest.fixture(autouse=True, scope="session")
def machine_stays_out() -> None:
    """Forget this machine's own Muster settings: they are the one thing that could leak in."""
    for key in [key for key in os.environ if key.startswith("MUSTER_")]:
        del os.environ[key]


@pytest.fixture(scope="session")
def sample_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sample company of 3,000 profiles, made once a session."""
    from lib.warehouse import sample

    directory = tmp_path_factory.mktemp("sample")
    sample.make(directory, 3_000)
    return directory


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated store with nothing in it: copying it is faster than migrating anew."""
    state = tmp_path_factory.mktemp("empty")
    open_store(load(state=state)).close()
    return state / "store.db"


@pytest.fixture
def state(tmp_path: Path, empty_store: Path) -> Path:
    """Return a state directory of the test's own, with an empty store."""
    made = tmp_path / "state"
    made.mkdir(mode=0o700)
    shutil.copy(empty_store, made / "store.db")
    return made


@pytest.fixture
def settings(state: Path, sample_dir: Path) -> Settings:
    """Return settings with a state directory of the test's own."""
    return load(state=state, sample=sample_dir, sample_profiles=3_000)


@dataclass
class Practice:
    """A practice Mailchimp in a process of its own, which a test can really kill."""

    directory: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    api_key: str = ""
    audience_id: str = ""
    port: int = 0

    def start(self) -> "Practice":
        """Start it, on the same port and state as before, and wait until it listens."""
        ready = self.directory / "ready.json"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "lib.practice", "--port", str(self.port)]
        command += ["--state", str(self.directory / "practice"), "--ready-file", str(ready)]
        self.process = subprocess.Popen([*command, *self.options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the practice Mailchimp did not start")
            time.sleep(0.02)
        told = json.loads(ready.read_text())
        self.url, self.api_key = told["url"], told["api_key"]
        self.audience_id = told["audience_id"]
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def renew(self) -> None:
        """Bring it back to its first day, without calls that other tests left under way."""
        if self.process is not None and self._told("")["stats"]["connections"]:
            self.kill()
        if self.process is None:
            self.start()
        self.audience_id = self._told("reset", {})["audience_id"]

    def _told(self, path: str, said: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        how = "GET" if said is None else "POST"
        return requests.request(how, f"{self.url}/practice/{path}", json=said, timeout=20).json()

    def kill(self, how: int = signal.SIGKILL) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)
            self.process = None


@pytest.fixture(scope="session")
def shared_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """Return the practice Mailchimp of the session: starting one takes half a second."""
    running = Practice(tmp_path_factory.mktemp("practice")).start()
    yield running
    running.kill(signal.SIGTERM)


@pytest.fixture
def practice(shared_practice: Practice) -> Practice:
    """Return a running practice Mailchimp on its first day, which the test may kill."""
    shared_practice.renew()
    return shared_practice
