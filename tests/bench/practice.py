"""How fast the practice Mailchimp is: ``python -m tests.bench.practice [--members N]``.

Fills an audience, reads it page by page, pushes batches of 500 new and 500 known members over real
HTTP with one connection after another, and says what it costs in memory. Nothing here waits: the
latency model is off, so these numbers are what the stand-in itself can do.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from urllib.parse import urlsplit

import psutil

MEMBERS = 1_000_000
LEAN = (
    "members.id,members.email_address,members.status,members.merge_fields,members.tags,"
    "members.last_changed,total_items"
)


@contextmanager
def practice(directory: Path, *options: str) -> Iterator[dict[str, str]]:
    """A practice Mailchimp that keeps its state in ``directory``."""
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "lib.practice", "--state", str(directory)]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready), *options], stdout=subprocess.DEVNULL
    )
    while not ready.exists():
        time.sleep(0.01)
    try:
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        process.wait()


class Caller:
    """One kept connection per thread; replies are read and thrown away."""

    def __init__(self, told: dict[str, str]) -> None:
        self._where = urlsplit(told["url"]).netloc
        self._headers = {"Authorization": f"Bearer {told['api_key']}"}
        self._own = local()

    def call(self, method: str, path: str, body: bytes = b"") -> int:
        """Make a call; returns the size of the reply in bytes."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection(self._where)
        self._own.connection.request(method, path, body, self._headers)
        reply = self._own.connection.getresponse()
        size = len(reply.read())
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {reply.status}")
        return size


def batch(first: int, word: str) -> bytes:
    """A batch of 500 members with six merge fields and a tag."""
    return json.dumps(
        {
            "members": [
                {
                    "email_address": f"bench{number}@practice.no",
                    "status_if_new": "subscribed",
                    "merge_fields": {
                        "FNAME": f"{word}{number}",
                        "LNAME": "Nordmann",
                        "COUNTRY": "NO",
                        "TIER": "Gold",
                        "LTV": number,
                        "BIRTHDAY": "02/29",
                    },
                    "tags": ["Bench"],
                }
                for number in range(first, first + 500)
            ],
            "update_existing": True,
        }
    ).encode()


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Watch:
    """Says how long work took, by the clock and in processor time of the practice Mailchimp."""

    def __init__(self, pid: int) -> None:
        self.process = psutil.Process(pid)

    def busy(self) -> float:
        """Processor time so far, in seconds."""
        return float(sum(self.process.cpu_times()[:2]))

    def time(self, name: str, work: Callable[[], object], count: int, unit: str) -> None:
        """Run ``work`` and say how fast it was."""
        busy, began = self.busy(), time.perf_counter()
        work()
        took, used = time.perf_counter() - began, self.busy() - busy
        say(
            f"{name:34} {took:7.2f} s  {count / took:10,.0f} {unit}/s"
            f"   processor {used:6.2f} s  {count / used:10,.0f} {unit}/s"
        )

    def memory(self, when: str) -> None:
        """Say how much memory it holds."""
        say(f"{'memory ' + when:34} {self.process.memory_info().rss / 2**20:7,.0f} MiB")


def pages(caller: Caller, list_id: str, fields: str, count: int, members: int) -> None:
    """Read so many pages of a thousand, spread over the whole audience."""
    step = max(1, members // 1000 // count)
    path = f"/3.0/lists/{list_id}/members?count=1000&fields={fields}"
    for number in range(count):
        caller.call("GET", f"{path}&offset={number * step * 1000}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS)
    members = parser.parse_args().members
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with practice(directory) as told:
            measure(told, members)
        began = time.perf_counter()
        with practice(directory):
            say(f"{'start again with all of it':34} {time.perf_counter() - began:7.2f} s")


def measure(told: dict[str, str], members: int) -> None:
    """Fill, read, write, and say the memory."""
    caller, list_id = Caller(told), told["audience_id"]
    watch = Watch(int(told["pid"]))
    wanted = json.dumps({"audience": list_id, "members": members}).encode()
    watch.time("fill", lambda: caller.call("POST", "/practice/fill", wanted), members, "members")
    watch.memory("after filling")
    watch.time("lean pages", lambda: pages(caller, list_id, LEAN, 200, members), 200, "pages")
    watch.time("whole pages", lambda: pages(caller, list_id, "", 100, members), 100, "pages")
    path = f"/3.0/lists/{list_id}"
    for name in ("new", "changed", "unchanged"):
        word = "Ola" if name == "new" else "Kari"
        bodies = [batch(first, word) for first in range(0, 100_000, 500)]

        def one_after_another(bodies: list[bytes] = bodies) -> None:
            for body in bodies:
                caller.call("POST", path, body)

        watch.time(f"upserts, {name}, one connection", one_after_another, 100_000, "members")
    with ThreadPoolExecutor(10) as pool:
        bodies = [batch(first, "Per") for first in range(0, 100_000, 500)]
        work = lambda: list(pool.map(lambda body: caller.call("POST", path, body), bodies))  # noqa: E731
        watch.time("upserts, changed, ten connections", work, 100_000, "members")
    watch.memory("at the end")
    say(f"{'processor time altogether':34} {watch.busy():7.2f} s")


if __name__ == "__main__":
    main()
