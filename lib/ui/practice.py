"""The practice Mailchimp beside the app: started when none is alive, and kept as a connection."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lib.access import LOCAL_ADMINISTRATOR
from lib.errors import NotFoundError, SetupError
from lib.runs import process
from lib.settings import ROOT, Settings
from lib.store import Store, connections
from lib.ui.text import _
from lib.warehouse import sample

CONNECTION = "Practice Mailchimp"
"""Name of the connection that leads to it."""
START_S = 30.0
"""How long it may take until it listens, in seconds."""


@dataclass(frozen=True, slots=True)
class Practice:
    """What a running practice Mailchimp says about itself."""

    url: str
    api_key: str
    audience_id: str
    pid: int


def ensure(settings: Settings, store: Store) -> Practice:
    """Return the running practice Mailchimp, started if need be, with its connection kept.

    Raises:
        SetupError: it does not start; the message names its log.
    """
    directory = settings.state / "practice"
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "start.lock").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        practice = alive(settings) or _start(settings, directory)
    _keep(store, practice)
    return practice


def alive(settings: Settings) -> Practice | None:
    """Return the practice Mailchimp of this state directory when it answers."""
    try:
        told = json.loads((settings.state / "practice" / "ready.json").read_text("utf-8"))
        practice = Practice(told["url"], told["api_key"], told["audience_id"], int(told["pid"]))
        os.kill(practice.pid, 0)
        address = urlsplit(practice.url)
        with socket.create_connection((address.hostname, address.port), timeout=1.0):
            return practice
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _start(settings: Settings, directory: Path) -> Practice:
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    with (directory / "practice.log").open("ab") as journal:
        child = subprocess.Popen(
            [
                *(sys.executable, "-m", "lib.practice"),
                *("--port", str(settings.practice_port)),
                *("--state", str(directory.resolve())),
                *("--ready-file", str(ready.resolve())),
                *_people(settings),
                # It goes when both the app and the worker have gone.
                *("--while-held", str(process.use_lock(settings).resolve())),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=journal,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S
    while (practice := alive(settings)) is None:
        if child.poll() is not None or time.monotonic() > deadline:
            raise SetupError(
                _(
                    "The practice Mailchimp could not be started. Its log says why: "
                    "practice/practice.log in the state directory."
                )
            )
        time.sleep(0.1)
    return practice


def _people(settings: Settings) -> tuple[str, ...]:
    """Have its first audience begin with customers of the sample company, where that is made."""
    file = sample.subscribers(settings.sample, settings.sample_profiles)
    return ("--people", str(file.resolve())) if settings.use_sample and file.is_file() else ()


def _keep(store: Store, practice: Practice) -> None:
    """Make its connection, or move it to the address of today."""
    try:
        kept = connections.get(store, LOCAL_ADMINISTRATOR, CONNECTION)
    except NotFoundError:
        connections.add(
            store,
            LOCAL_ADMINISTRATOR,
            name=CONNECTION,
            api_key=practice.api_key,
            api_url=practice.url,
            shared=True,
            agreed=True,
            practice=True,
        )
        return
    if kept.api_url != practice.url:
        connections.rotate(
            store, LOCAL_ADMINISTRATOR, kept.id, practice.api_key, api_url=practice.url
        )
