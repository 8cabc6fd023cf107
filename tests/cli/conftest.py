"""The command line as a person types it, in this process, on a state of the test's own."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from lib.cli.main import main
from lib.runs import process
from lib.settings import Settings
from tests.conftest import Practice


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What ``--json`` printed."""
        return json.loads(self.out)


Muster = Callable[..., Said]


@pytest.fixture
def muster(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Muster]:
    """Return what runs one command; a worker it started is ended with the test."""
    for name, value in process.environment(settings).items():
        if name.startswith("MUSTER_"):
            monkeypatch.setenv(name, value)

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["muster", *words])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return Said(status, out, err)

    yield run
    if (life := process.sign_of_life(settings)) and psutil.pid_exists(life.pid):
        worker = psutil.Process(life.pid)
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)


@pytest.fixture
def connected(muster: Muster, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Muster:
    """Return the command line of an installation that is connected to practice."""
    monkeypatch.setenv("THE_KEY", practice.api_key)
    said = muster(
        "connections", "add", "Practice", "--api-key-env", "THE_KEY", "--api-url", practice.url,
        "--share", "contributors", "--i-agree",
    )  # fmt: skip
    assert said.status == 0, said.err
    return muster


@pytest.fixture
def export(connected: Muster, practice: Practice) -> str:
    """Return the name of an export of everybody in Norway."""
    connected("segments", "add", "Norway", "--sql", "select * from profiles where country = 'NO'")
    said = connected(
        "exports", "add", "News", "--connection", "Practice", "--audience", practice.audience_id,
        "--email", "email", "--first-name", "first_name", "--last-name", "last_name",
        "--segment", "Norway",
    )  # fmt: skip
    assert said.status == 0, said.err
    return "News"
