"""What every room's tests share: settings of a test's own, a small sample company, practice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from lib.settings import Settings, load


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Keeps a file's tests in one process, and all that use a browser in one, one after the other.

    Several browsers at once would starve each other on two cores.
    """

    def _split_scope(self, nodeid: str) -> str:
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


@pytest.fixture
def settings(tmp_path: Path, sample_dir: Path) -> Settings:
    """Return settings with a state directory of the test's own."""
    return load(state=tmp_path / "state", sample=sample_dir, sample_profiles=3_000)


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

    def kill(self, how: int = signal.SIGKILL) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)
            self.process = None


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """Return a running practice Mailchimp of the test's own."""
    running = Practice(tmp_path).start()
    yield running
    running.kill(signal.SIGTERM)
