"""What a first and a second push cost, end to end, with the real worker and every call counted.

``python -m tests.bench.rounds [--contacts N ...] [--latency S]`` prints a table. A push is a plan,
a look at what moved since, the batches, and the read-back of the audience. The second one follows
a change of one profile in a hundred. Calls are those that the practice Mailchimp counted. Peak
memory is the worker's with all its child processes, each at its own highest.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil
import requests

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.runs import desk, process
from lib.settings import Settings, load
from lib.sources import Source
from lib.store import connections, exports, open_store, plans, segments, sources
from lib.store.database import Store
from lib.store.plans import PlanState
from lib.store.runs import RunState
from tests.bench.practice import practice, say

CONTACTS = (100_000, 1_000_000)
CHANGED = 100
"""One profile in so many has another name at the second push."""
MOST_MB = 1_500
PROFILES = """
copy (select i as profile_id, 'p' || i || '@post.no' as email,
  case when i % {changed} = 0 then 'Renamed' else 'Name' end || i as first_name,
  'Nordmann' as last_name from range({contacts}) t(i)) to '{path}' (format parquet)
"""
MATCHING = Matching("email", (FieldMatch("FNAME", "first_name"), FieldMatch("LNAME", "last_name")))


@dataclass(frozen=True, slots=True)
class Cost:
    """What one push cost."""

    calls: int
    of: dict[str, int]
    """Calls by method and path."""
    seconds: float
    """From ordering the plan to the end of the read-back, without the wait for a yes."""
    peak_mb: float


class Push:
    """Pushes one export through a worker of its own, again and again."""

    def __init__(self, store: Store, settings: Settings, url: str) -> None:
        self.store = store
        self.settings = settings
        self.url = url

    def cost(self) -> Cost:
        """Push, with a worker that was not there before."""
        process.ensure(self.settings)
        worker = psutil.Process(process.sign_of_life(self.settings).pid)  # type: ignore[union-attr]
        requests.post(f"{self.url}/practice/stats", json={}, timeout=20).raise_for_status()
        started, peak = time.perf_counter(), Peak(worker)
        plan = desk.propose(self.store, self.settings, ME, "E")
        while plans.get(self.store, ME, plan.id).state is PlanState.MAKING:
            peak.look()
        run = desk.approve_and_start(self.store, self.settings, ME, plan.id)
        ended = desk.follow(self.store, ME, run.id, lambda _: peak.look(), sleep=lambda _: None)
        took = time.perf_counter() - started
        worker.terminate()
        worker.wait()
        if ended.state is not RunState.DONE or ended.message:
            raise RuntimeError(f"the run is {ended.state}: {ended.message}")
        stats = requests.get(f"{self.url}/practice/", timeout=20).json()["stats"]
        return Cost(sum(stats["statuses"].values()), stats["calls"], took, peak.mb)


class Peak:
    """The most memory that a worker and its children took, each at its own highest."""

    def __init__(self, worker: psutil.Process) -> None:
        self._worker = worker
        self._highest: dict[int, float] = {}

    def look(self) -> None:
        """Ask the system, and wait a little."""
        for one in [self._worker, *self._worker.children(recursive=True)]:
            status = Path(f"/proc/{one.pid}/status")
            lines = status.read_text().splitlines() if status.exists() else []
            for line in lines:
                if line.startswith("VmHWM"):
                    self._highest[one.pid] = int(line.split()[1]) / 1024
        time.sleep(0.1)

    @property
    def mb(self) -> float:
        """MiB of all together."""
        return sum(self._highest.values())


def _profiles(folder: Path, contacts: int, changed: int) -> None:
    fresh = folder / "fresh.parquet"
    duckdb.execute(PROFILES.format(contacts=contacts, changed=changed, path=fresh))
    fresh.replace(folder / "profiles.parquet")


@contextmanager
def _installed(folder: Path, told: dict[str, str]) -> Iterator[Push]:
    """An installation with one export of all profiles."""
    settings = load(state=folder / "state", use_sample=False)
    with open_store(settings) as store:
        sources.add(store, ME, Source("profiles", f"{folder}/profiles.parquet", key="profile_id"))
        key, url = told["api_key"], told["url"]
        connections.add(store, ME, name="P", api_key=key, api_url=url, practice=True)
        segments.add(store, ME, name="S", sql="select profile_id from profiles")
        audience = told["audience_id"]
        exports.add(
            store, ME, name="E", connection="P", audience_id=audience, matching=MATCHING,
            segments=["S"],
        )  # fmt: skip
        yield Push(store, settings, url)


def measure(contacts: int, latency: float) -> tuple[Cost, Cost]:
    """Push so many contacts into an empty audience, and one in a hundred of them again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "practice").mkdir()
        with practice(folder / "practice", "--latency", str(latency)) as told:
            reset = {"members": False}
            url = told["url"]
            answer = requests.post(f"{url}/practice/reset", json=reset, timeout=20)
            told["audience_id"] = answer.json()["audience_id"]
            requests.post(f"{url}/practice/latency", json={"usual": latency}, timeout=20)
            _profiles(folder, contacts, contacts + 1)
            with _installed(folder, told) as push:
                first = push.cost()
                _profiles(folder, contacts, CHANGED)
                return first, push.cost()


def row(what: str, cost: Cost, most_calls: float) -> str:
    """One line of the table."""
    kept = "kept" if cost.calls <= most_calls and cost.peak_mb < MOST_MB else "MISSED"
    calls = f"{cost.calls:>8,}{most_calls:>8,.0f}"
    return f"{what:<42}{calls}{cost.seconds:>8.1f}{cost.peak_mb:>9.0f}  {kept}"


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=CONTACTS)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--calls", action="store_true", help="also which calls")
    asked = parser.parse_args()
    say(f"{'push':<42}{'calls':>8}{'most':>8}{'s':>8}{'peak MB':>9}  bars")
    for contacts in asked.contacts:
        first, second = measure(contacts, asked.latency)
        # 500 contacts a call, 1,000 members a page, and ten calls for everything else.
        say(
            row(
                f"{contacts:,} into an empty audience", first, contacts / 500 + contacts / 1000 + 10
            )
        )
        say(row(f"{contacts:,} again, 1 % changed", second, 0.03 * first.calls))
        if asked.calls:
            say(json.dumps([first.of, second.of], indent=1))


if __name__ == "__main__":
    main()
