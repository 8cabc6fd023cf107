"""A practice Mailchimp for the whole session, and a server that says what it is told to say."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from lib.mailchimp.client import Mailchimp, connect
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.retries import Patience

KEY = "0123456789abcdef0123456789abcdef-us6"


@dataclass
class Stand:
    """A running practice Mailchimp with its dial."""

    url: str
    api_key: str
    audience_id: str

    def dial(self, what: str, **settings: object) -> dict[str, Any]:
        reply = requests.post(f"{self.url}/practice/{what}", json=settings, timeout=10)
        assert reply.ok, reply.text
        return dict(reply.json())

    def stats(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}/practice/", timeout=10).json()["stats"])

    def fail(self, name: str, times: int | None = None, on: str = "all", after: int = 0) -> None:
        self.dial("faults", faults=[{"name": name, "times": times, "on": on, "after": after}])


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    ready = tmp_path_factory.mktemp("practice") / "ready.json"
    command = [sys.executable, "-m", "lib.practice", "--ready-file", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not ready.exists():
        assert process.poll() is None
        time.sleep(0.02)
    told = json.loads(ready.read_text())
    yield Stand(told["url"], told["api_key"], told["audience_id"])
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def stand(running: Stand) -> Stand:
    running.dial("reset")
    return running


@pytest.fixture
def client(stand: Stand) -> Iterator[Mailchimp]:
    hurried = Patience(sleep=lambda seconds: None)
    with connect(Credentials(stand.url, stand.api_key), patience=hurried) as open_client:
        yield open_client


@dataclass
class Said:
    """One canned answer."""

    status: int = 200
    body: bytes = b"{}"
    type: str = "application/json; charset=utf-8"
    pause_s: float = 0.0
    length: int | None = None
    """What Content-Length claims, when it lies."""


@dataclass
class Told:
    """What a call looked like on the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int
    """Of the client's end: another one is another connection."""


@dataclass
class Script:
    """A server that answers by a function of what it is told, and remembers it."""

    answer: Callable[[Told], Said] = lambda told: Said()
    told: list[Told] = field(default_factory=list)
    url: str = ""

    def connect(self, timeout_s: float = 30.0) -> Mailchimp:
        patience = Patience(attempts=3, sleep=lambda seconds: None)
        return connect(Credentials(self.url, KEY), timeout_s=timeout_s, patience=patience)


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            told = Told(self.command, self.path, dict(self.headers), body, self.client_address[1])
            made.told.append(told)
            said = made.answer(told)
            self.send_response(said.status)
            if said.type:
                self.send_header("Content-Type", said.type)
            claimed = len(said.body) if said.length is None else said.length
            self.send_header("Content-Length", str(claimed))
            self.end_headers()
            step = 64 if said.pause_s else len(said.body) or 1
            with suppress(BrokenPipeError, ConnectionResetError):
                for at in range(0, len(said.body), step):
                    self.wfile.write(said.body[at : at + step])
                    time.sleep(said.pause_s)
            self.close_connection = claimed != len(said.body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that hang up are part of the play."""

    serving = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{serving.server_port}"
    yield made
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def budgets(tmp_path: Path) -> Path:
    return tmp_path / "state"
