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
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options
from lib.runs import desk, process
from lib.store import exports
from lib.store.plans import Plan
from lib.store.runs import Run, RunState
from tests.conftest import Practice
from tests.proof.works import TALLY, Held, Works, assert_sums_agree, settle_in

KILLS = int(os.environ.get("MUSTER_PROOF_KILLS", "200"))
SEED = int(os.environ.get("MUSTER_PROOF_SEED", "1"))
PEOPLE = 4_000
SHARE = 20
"""One in so many leaves the segment in a turn."""
UNSUBSCRIBED = {f"p{i}@post.no" for i in range(0, PEOPLE, 97)}
NAME = Matching("email", (FieldMatch("FNAME", "first_name"),))
MISHAPS = [
    {"name": "reset-after", "rate": 0.05, "on": "writes"},
    {"name": "truncated-json", "rate": 0.05, "on": "writes"},
    {"name": "502-html", "rate": 0.05},
]


@pytest.fixture
def works(practice: Practice, state: Path) -> Iterator[Works]:
    """Return an installation whose worker, if any, is killed at the end."""
    made = settle_in(practice, state)
    with made.store:
        made.new_audience()
        yield made
        kill(made)


def kill(works: Works) -> bool:
    """Kill the worker as a crash would; say whether there was one."""
    life = process.sign_of_life(works.settings)
    if life is None or not process.held(works.settings):
        return False
    os.kill(life.pid, signal.SIGKILL)
    while process.held(works.settings):
        time.sleep(0.01)
    return True


def here(turn: int) -> list[int]:
    """Return who is in the segment: all in the first turn, later ever others are not."""
    return [i for i in range(PEOPLE) if turn == 0 or i % SHARE != turn % SHARE]


def way(turn: int) -> OnLeave:
    """Return what happens in a turn to those who left."""
    return OnLeave.ARCHIVE if turn % 2 else OnLeave.UNTAG


def expected(before: dict[str, Held], turn: int, ours: set[str]) -> dict[str, Held]:
    """Return what the audience must hold: the oracle.

    Somebody else may have added who turned out to be there after a lost answer: they are not ours,
    and stay as they are when they leave.
    """
    fresh, inside = Held("subscribed", {}, frozenset()), set(here(turn))
    after = {}
    for i, email in ((i, f"p{i}@post.no") for i in range(PEOPLE)):
        held = before.get(email, fresh)
        if email in UNSUBSCRIBED or held.status == "archived":
            after[email] = held
        elif i in inside:
            after[email] = replace(held, merge={"FNAME": f"A{turn}-{i}"}, tags=frozenset({"All"}))
        elif email not in ours:
            after[email] = held
        elif way(turn) is OnLeave.ARCHIVE:
            after[email] = replace(held, status="archived")
        else:
            after[email] = replace(held, tags=frozenset())
    return after


def carry_out(works: Works, plan: Plan, kills: int, chance: random.Random) -> tuple[Run, int]:
    """Have a plan carried out while workers are killed; say how many were."""
    # Here, as a living worker would take an order for itself.
    run, killed = works.ask(plan), 0
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
    assert_sums_agree(works, ended)
    return ended, killed


def surely_added(works: Works, run: Run) -> set[str]:
    """Return whom Mailchimp itself called new."""
    told = works.told(run.id).filter(pl.col("outcome") == "added")
    return set(told.filter(~pl.col("code").is_in(["answered_updated", "read_back"]))["email"])


@dataclass(frozen=True)
class Trial:
    """An export that is carried out again and again while workers are killed."""

    works: Works
    export: str
    chance: random.Random
    ours: set[str] = field(default_factory=set)
    """Whom it surely added."""

    def run(self, turn: int, kills: int) -> tuple[Run, int]:
        """Push new names while killing workers, learn whom it added; say how many were killed."""
        works = self.works
        works.profiles(
            {"profile_id": i, "email": f"p{i}@post.no", "first_name": f"A{turn}-{i}"}
            for i in here(turn)
        )
        exports.edit(works.store, ME, self.export, options=Options(on_leave=way(turn)))
        before = works.hold()
        plan = desk.plan_here(works.store, works.settings, ME, self.export)
        ended, killed = carry_out(works, plan, kills, self.chance)
        assert works.hold() == expected(before, turn, self.ours)
        self.ours.update(surely_added(works, ended))
        told: Counter[str] = Counter(works.told(ended.id)["outcome"])
        silent = UNSUBSCRIBED | {who for who, held in before.items() if held.status == "archived"}
        asked = {f"p{i}@post.no" for i in here(turn)}
        assert told["suppressed"] == len(asked & silent)
        assert told["added" if turn == 0 else "updated"] == len(asked - silent)
        assert told["left"] == (0 if turn == 0 else len(self.ours - asked - silent))
        return ended, killed

    def undo(self, turn: int, kills: int) -> int:
        """Take back a run while killing workers; say how many were killed."""
        works = self.works
        before = works.hold()
        run, _ = self.run(turn, 0)
        after = works.hold()
        plan = desk.undo_here(works.store, works.settings, ME, run.id)
        _, killed = carry_out(works, plan, kills, self.chance)
        back = {who: one if one.status == "archived" else before[who] for who, one in after.items()}
        assert works.hold() == back
        TALLY["undos with killed workers"] += 1
        return killed


@pytest.fixture
def trial(works: Works) -> Trial:
    """Return an export whose audience some have left by themselves."""
    for email in sorted(UNSUBSCRIBED):
        works.join(email, "self", FNAME="Said no")
    return Trial(works, works.export(NAME, Options()), random.Random(SEED))


@pytest.mark.slow
def test_a_worker_killed_hundreds_of_times_loses_and_repeats_nobody(trial: Trial) -> None:
    trial.works.admin("latency", usual=0.15)
    killed = turns = 0
    while killed < KILLS:
        killed += trial.run(turns, min(4, KILLS - killed))[1]
        # A kill leaves ten batches without an answer at most.
        assert len(trial.ours) >= (PEOPLE - len(UNSUBSCRIBED)) // 4
        turns += 1
        TALLY["runs with killed workers"] += 1
        assert turns <= 10 * KILLS, "too few kills hit a worker"
    for turn in (turns, turns + 1):
        assert trial.undo(turn, 4) > 0


@pytest.mark.slow
def test_the_files_of_a_run_are_whole_whenever_they_are_there(trial: Trial) -> None:
    trial.works.admin("latency", usual=0.05)
    trial.run(0, 1)
    for path in trial.works.settings.runs_dir.rglob("*.parquet"):
        if path.stat().st_size:
            pl.read_parquet(path)
