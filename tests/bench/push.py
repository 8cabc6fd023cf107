"""Pushing contacts over real HTTP: Muster against the ways others do it, same practice Mailchimp.

``python tests/bench/push.py [--contacts N] [--latency S]`` prints a table. The slow ways push fewer
contacts, as said in the table, and their calls are for as many as ours. The ideal is what nobody
can beat: contacts / 500 calls, ten at a time, each taking the latency.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import requests
from mailchimp_marketing import Client

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.runs import desk, stages
from lib.runs.stages import Shop
from lib.settings import load
from lib.sources import Source
from lib.store import connections, exports, open_store, plans, progress, segments, sources

CONTACTS = 100_000
LATENCY_S = 0.5
CONNECTIONS = 10
SINGLY = 400
"""Contacts pushed by the ways that take one contact at a time."""
BATCHED = 10_000
"""Contacts pushed by the ways that take 500 at a time, one call after the other."""


def muster(told: dict[str, str], contacts: int, folder: Path) -> float:
    """Plan, approve and push as the worker does; seconds of the stage that sends."""
    settings = load(state=folder / "state", use_sample=False)
    duckdb.connect().execute(
        f"copy (select i as profile_id, 'p' || i || '@post.no' as email, 'Name' || i as first_name"
        f" from range({contacts}) t(i)) to '{folder}/profiles.parquet'"
    )
    with open_store(settings) as store:
        sources.add(store, ME, Source("profiles", f"{folder}/profiles.parquet", key="profile_id"))
        key, url = told["api_key"], told["url"]
        connections.add(store, ME, name="P", api_key=key, api_url=url, practice=True)
        segments.add(store, ME, name="S", sql="select profile_id from profiles")
        exports.add(
            store, ME, name="E", connection="P", audience_id=told["audience_id"],
            matching=Matching("email", (FieldMatch("FNAME", "first_name"),)), segments=["S"],
        )  # fmt: skip
        plan = desk.plan_here(store, settings, ME, "E")
        plans.approve(store, ME, plan.id)
        run = progress.request(store, ME, plan.id)
        shop = Shop(store, settings)
        assert stages.check(shop, run.id)
        requests.post(f"{url}/practice/stats", json={"reset": 1}, timeout=20)
        started = time.perf_counter()
        assert stages.send(shop, run.id)
        return time.perf_counter() - started


def put_each(told: dict[str, str], contacts: int, _: Path) -> float:
    """One PUT per contact, ten at a time over pooled connections."""
    return _each(told, contacts, [_put])


def get_put_tags(told: dict[str, str], contacts: int, _: Path) -> float:
    """GET, PUT and tags per contact, ten at a time over pooled connections."""
    return _each(told, contacts, [_get, _put, _tags])


def in_turn(told: dict[str, str], contacts: int, _: Path) -> float:
    """500 per call, one call after the other over one connection."""
    session = requests.Session()
    session.auth = ("any", told["api_key"])
    started = time.perf_counter()
    for first in range(0, contacts, 500):
        members = [_member(i) for i in range(first, first + 500)]
        said = {"members": members, "update_existing": True}
        session.post(_list(told), json=said, timeout=60).raise_for_status()
    return time.perf_counter() - started


def sdk(told: dict[str, str], contacts: int, _: Path) -> float:
    """The official SDK as its documentation shows it: 500 per call, a connection for each."""
    client = Client({"api_key": told["api_key"], "server": "us1"})
    client.api_client.host = f"{told['url']}/3.0"
    started = time.perf_counter()
    for first in range(0, contacts, 500):
        members = [_member(i) for i in range(first, first + 500)]
        said = {"members": members, "update_existing": True}
        client.lists.batch_list_members(told["audience_id"], said)
    return time.perf_counter() - started


WAYS: dict[str, tuple[Callable[[dict[str, str], int, Path], float], int, float]] = {
    "Muster": (muster, 0, 1 / 500),
    "one PUT per contact, 10 at once": (put_each, SINGLY, 1),
    "GET + PUT + tags per contact, 10 at once": (get_put_tags, SINGLY, 3),
    "500 per call, one after the other": (in_turn, BATCHED, 1 / 500),
    "the SDK plainly, 500 per call": (sdk, BATCHED, 1 / 500),
}


def _list(told: dict[str, str]) -> str:
    return f"{told['url']}/3.0/lists/{told['audience_id']}"


def _member(i: int) -> dict[str, Any]:
    fields = {"FNAME": f"Name{i}"}
    return {"email_address": f"p{i}@post.no", "status_if_new": "subscribed", "merge_fields": fields}


def _path(told: dict[str, str], i: int) -> str:
    return f"{_list(told)}/members/{hashlib.md5(f'p{i}@post.no'.encode()).hexdigest()}"


def _get(session: requests.Session, told: dict[str, str], i: int) -> None:
    session.get(_path(told, i), timeout=60)


def _put(session: requests.Session, told: dict[str, str], i: int) -> None:
    session.put(_path(told, i), json=_member(i), timeout=60).raise_for_status()


def _tags(session: requests.Session, told: dict[str, str], i: int) -> None:
    said = {"tags": [{"name": "Gold", "status": "active"}]}
    session.post(f"{_path(told, i)}/tags", json=said, timeout=60).raise_for_status()


def _each(
    told: dict[str, str],
    contacts: int,
    calls: list[Callable[[requests.Session, dict[str, str], int], None]],
) -> float:
    def some(first: int) -> None:
        session = requests.Session()
        session.auth = ("any", told["api_key"])
        for i in range(first, contacts, CONNECTIONS):
            for call in calls:
                call(session, told, i)

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(some, range(CONNECTIONS)))
    return time.perf_counter() - started


def _measure(way: str, contacts: int, latency: float) -> dict[str, float]:
    """Run one way in a process of its own, against a practice Mailchimp of its own."""
    with tempfile.TemporaryDirectory() as name:
        ready = Path(name) / "ready.json"
        command = [sys.executable, "-m", "lib.practice", "--ready-file", str(ready)]
        command += ["--latency", str(latency)]
        practice = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                time.sleep(0.05)
            mine = [sys.executable, "-m", "tests.bench.push", "--way", way, "--folder", name]
            reply = subprocess.run(
                [*mine, "--contacts", str(contacts)], check=True, stdout=subprocess.PIPE
            )
            result: dict[str, float] = json.loads(reply.stdout)
        finally:
            practice.terminate()
            practice.wait()
    return result


def _run(way: str, contacts: int, folder: Path) -> None:
    told = json.loads((folder / "ready.json").read_text())
    seconds = WAYS[way][0](told, contacts, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stats = requests.get(f"{told['url']}/practice/", timeout=20).json()["stats"]
    calls = sum(stats["calls"].values())
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak, "calls": calls}))


def main() -> None:
    """Measure every way and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--latency", type=float, default=LATENCY_S)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--only", choices=WAYS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.way:
        _run(asked.way, asked.contacts, asked.folder)
        return
    head = f"{'way':<42}{'pushed':>9}{'calls*':>9}{'contacts/s':>12}{'of ideal':>10}{'peak MB':>9}"
    sys.stdout.write(f"{asked.contacts:,} contacts, {asked.latency} s a call\n{head}\n")
    for way, (_, most, calls_each) in WAYS.items():
        if asked.only in (None, way):
            pushed = min(most or asked.contacts, asked.contacts)
            got = _measure(way, pushed, asked.latency)
            rate = pushed / got["seconds"]
            ideal = 500 * CONNECTIONS / asked.latency
            calls = got["calls"] if pushed == asked.contacts else asked.contacts * calls_each
            sys.stdout.write(
                f"{way:<42}{pushed:>9,}{calls:>9,.0f}{rate:>12,.0f}{rate / ideal:>10.1%}"
                f"{got['peak_mb']:>9.0f}\n"
            )
            sys.stdout.flush()
    sys.stdout.write("* for all the contacts; where fewer were pushed, in proportion\n")


if __name__ == "__main__":
    main()
