"""The real worker process, killed with -9 at random moments, until the run is done.

A single kill is in tests/runs/test_worker.py, among the tests that run every time.
``MUSTER_PROOF_KILLS`` sets how many kills the long version has, ``MUSTER_PROOF_SEED`` when.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.runs import desk, process
from lib.store.runs import RunState
from tests.conftest import Practice
from tests.proof.works import TALLY, Held, Works, assert_sums_agree, settle_in

KILLS = int(os.environ.get("MUSTER_PROOF_KILLS", "200"))
SEED = int(os.environ.get("MUSTER_PROOF_SEED", "1"))
PEOPLE = 4_000
UNSUBSCRIBED = {f"p{i}@post.no" for i in range(0, PEOPLE, 97)}
NAME = Matching("email", (FieldMatch("FNAME", "first_name"),))
MISHAPS = [
    {"name": "reset-after", "rate": 0.05, "on": "batch"},
    {"name": "truncated-json", "rate": 0.05, "on": "batch"},
    {"name": "502-html", "rate": 0.05},
]


@pytest.fixture
def works(shared_practice: Practice, empty_store: Path, tmp_path: Path) -> Iterator[Works]:
    """Return an installation whose worker, if any, is killed at the end."""
    made = settle_in(shared_practice, tmp_path, empty_store)
    with made.store:
        made.new_audience()
        yield made
        kill(made)
        made.calm()
        made.admin("latency", usual=0.0)


def kill(works: Works) -> bool:
    """Kill the worker as a crash would; say whether there was one."""
    life = process.sign_of_life(works.settings)
    if life is None or not process.held(works.settings):
        return False
    os.kill(life.pid, signal.SIGKILL)
    while process.held(works.settings):
        time.sleep(0.01)
    return True


def expected(before: dict[str, Held], name: str) -> dict[str, Held]:
    """Return what the audience must hold: the oracle."""
    fresh = Held("subscribed", {}, frozenset())
    return {
        email: before[email]
        if email in UNSUBSCRIBED
        else replace(
            before.get(email, fresh), merge={"FNAME": f"{name}{i}"}, tags=frozenset({"All"})
        )
        for i, email in ((i, f"p{i}@post.no") for i in range(PEOPLE))
    }


def run_killed(works: Works, name: str, export: str, kills: int, chance: random.Random) -> int:
    """Push new names while killing workers; say how many were killed."""
    works.profiles(
        {"profile_id": i, "email": f"p{i}@post.no", "first_name": f"{name}{i}"}
        for i in range(PEOPLE)
    )
    before = works.hold()
    # Here, as a living worker would take an order for itself.
    run, killed = works.ask(desk.plan_here(works.store, works.settings, ME, export)), 0
    works.admin("faults", faults=MISHAPS, seed=SEED)
    deadline = time.monotonic() + 600
    while works.run(run.id).live:
        assert time.monotonic() < deadline, "waited in vain"
        process.ensure(works.settings)
        time.sleep(chance.uniform(0.0, 1.2))
        if killed < kills and kill(works):
            killed += 1
            TALLY["workers killed with -9"] += 1
    works.admin("faults", faults=[])
    ended = works.run(run.id)
    assert (ended.state, ended.message) == (RunState.DONE, "")
    assert works.hold() == expected(before, name)
    assert_sums_agree(works, ended)
    told: Counter[str] = Counter(works.told(run.id)["outcome"])
    assert told["suppressed"] == len(UNSUBSCRIBED)
    assert told["added" if name == "A0-" else "updated"] == PEOPLE - len(UNSUBSCRIBED)
    return killed


def prove(works: Works, kills: int, at_once: int) -> None:
    chance = random.Random(SEED)
    for email in sorted(UNSUBSCRIBED):
        works.join(email, "self", FNAME="Said no")
    export = works.export(NAME, Options())
    works.admin("latency", usual=0.15)
    killed = turns = 0
    while killed < kills:
        left = min(at_once, kills - killed)
        killed += run_killed(works, f"A{turns}-", export, left, chance)
        turns += 1
        TALLY["runs with killed workers"] += 1
        if turns > 10 * kills:
            raise AssertionError("too few kills hit a worker")


@pytest.mark.slow
def test_a_worker_killed_hundreds_of_times_loses_and_repeats_nobody(works: Works) -> None:
    prove(works, kills=KILLS, at_once=4)


@pytest.mark.slow
def test_the_files_of_a_run_are_whole_whenever_they_are_there(works: Works) -> None:
    export = works.export(NAME, Options())
    run_killed_once = random.Random(SEED)
    works.admin("latency", usual=0.05)
    for email in sorted(UNSUBSCRIBED):
        works.join(email, "self", FNAME="Said no")
    run_killed(works, "A0-", export, 1, run_killed_once)
    for path in works.settings.runs_dir.rglob("*.parquet"):
        if path.stat().st_size:
            pl.read_parquet(path)
