"""A company of 6,000 profiles, a practice Mailchimp, and a worker that can really be killed."""
# ruff: noqa: ANN401 - what the practice Mailchimp says has no type of ours

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.mailchimp.budget import Budget
from lib.runs import desk, process, worker
from lib.settings import Settings, load
from lib.sources import Source
from lib.store import Store, connections, exports, open_store, plans, runs, segments, sources
from lib.store.plans import Plan, PlanState
from lib.store.runs import Run

PROFILES = 6_000
MATCHING = Matching("email", (FieldMatch("FNAME", "first_name"), FieldMatch("LNAME", "last_name")))


@dataclass
class Company:
    """Settings, store and one practice connection; exports are added as a test needs them."""

    settings: Settings
    store: Store
    practice: Any
    workers: list[threading.Thread] = field(default_factory=list)

    @property
    def table(self) -> Path:
        """The file of the profiles."""
        return self.settings.state.parent / "profiles.parquet"

    def connect(self) -> None:
        """Make (or make anew) the connection to the practice Mailchimp."""
        connections.add(
            self.store,
            ME,
            name="Practice",
            api_key=self.practice.api_key,
            api_url=self.practice.url,
            practice=True,
        )

    def export(self, name: str, sql: str, **more: Any) -> str:
        """Save an export of the profiles that the SQL selects."""
        segments.add(self.store, ME, name=f"Segment of {name}", sql=sql)
        exports.add(
            self.store,
            ME,
            name=name,
            connection="Practice",
            audience_id=self.practice.audience_id,
            matching=more.get("matching", MATCHING),
            options=more.get("options", Options()),
            segments=[f"Segment of {name}"],
        )
        return name

    def work(self) -> None:
        """Have a worker in a thread of this process."""
        thread = threading.Thread(target=worker.serve, args=(self.settings,))
        thread.start()
        self.workers.append(thread)
        until(lambda: process.alive(self.settings))

    def plan(self, export: str) -> Plan:
        """Have a plan made, and wait for it."""
        begun = desk.propose(self.store, self.settings, ME, export)
        until(lambda: plans.get(self.store, ME, begun.id).state is not PlanState.MAKING)
        return plans.get(self.store, ME, begun.id)

    def start(self, export: str) -> Run:
        """Have a plan made and carried out, without waiting for the end."""
        return self.approve(self.plan(export))

    def approve(self, plan: Plan) -> Run:
        """Say yes to a plan."""
        assert plan.state is PlanState.READY, plan.message
        return desk.approve_and_start(self.store, self.settings, ME, plan.id)

    def run(self, run_id: str) -> Run:
        """Read a run."""
        return runs.get(self.store, ME, run_id)

    def end(self, run_id: str, within_s: float = 30) -> Run:
        """Wait until a run is over."""
        until(lambda: not self.run(run_id).live, within_s)
        return self.run(run_id)

    def until_sending(self, run_id: str) -> None:
        """Wait until some batches were answered and others are under way."""
        until(lambda: 0 < self.run(run_id).sent < self.run(run_id).total)

    def kill_worker(self, how: int = signal.SIGKILL) -> None:
        """End the worker process, as a crash would."""
        life = process.sign_of_life(self.settings)
        assert life is not None
        os.kill(life.pid, how)
        until(lambda: not process.held(self.settings))

    def admin(self, path: str, **said: Any) -> Any:
        """Ask the practice Mailchimp something that Mailchimp itself does not offer."""
        url = f"{self.practice.url}/practice/{path}"
        answer = requests.request("POST" if said else "GET", url, json=said or None, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def slow_down(self, seconds: float) -> None:
        """Make every call to the practice Mailchimp take so long."""
        self.admin("latency", usual=seconds)

    def few_connections(self) -> None:
        """Make it look as if the account had been throttled: batches go nearly one by one."""
        budget = Budget.shared(self.settings.state, self.practice.api_key)
        for _ in range(4):
            budget.narrow(time.time())
        budget.close()

    def api(self, method: str, path: str, **said: Any) -> Any:
        """Speak to the practice Mailchimp as anybody with the key can."""
        url = f"{self.practice.url}/3.0/lists/{self.practice.audience_id}{path}"
        auth = ("any", self.practice.api_key)
        answer = requests.request(method, url, json=said or None, auth=auth, timeout=20)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def members(self, **query: str) -> int:
        """Count members; without a query, all but the archived."""
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        return int(self.api("GET", f"/members?count=1&fields=total_items&{asked}")["total_items"])


def until(true: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def company(tmp_path: Path, state: Path, practice: Any) -> Iterator[Company]:
    """Return a company whose practice Mailchimp has an empty audience."""
    settings = load(state=state, use_sample=False, mailchimp_patience_s=60)
    duckdb.connect().sql(
        f"""select i as profile_id, 'person' || i || '@post.no' as email,
        'Name' || i as first_name, 'Last' || i as last_name from range({PROFILES}) t(i)"""
    ).write_parquet(str(tmp_path / "profiles.parquet"))
    with open_store(settings) as store:
        source = Source("profiles", str(tmp_path / "profiles.parquet"), key="profile_id")
        sources.add(store, ME, source)
        here = Company(settings, store, practice)
        here.connect()
        here.admin("reset", members=False)
        yield here
        _stop(here)


def _stop(company: Company) -> None:
    life = process.sign_of_life(company.settings)
    if company.workers and process.held(company.settings):
        worker.close()
    elif life is not None and process.held(company.settings) and life.pid != os.getpid():
        os.kill(life.pid, signal.SIGKILL)
    for thread in company.workers:
        thread.join(timeout=30)
