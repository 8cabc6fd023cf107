"""Muster in this process, its stages as a worker runs them, and a practice Mailchimp by HTTP."""
# ruff: noqa: ANN401 - what the practice Mailchimp says has no type of ours

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import requests

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import Matching
from lib.contacts.options import Options
from lib.runs import stages
from lib.runs.stages import Shop
from lib.settings import Settings, load
from lib.sources import Source
from lib.store import (
    Store,
    connections,
    exports,
    open_store,
    plans,
    progress,
    runs,
    segments,
    sources,
)
from lib.store.plans import Plan, PlanState
from lib.store.runs import Run
from tests.conftest import Practice

NUMBERS = count(1)
TALLY: Counter[str] = Counter()
"""What the long proofs did, shown at their end."""
_AUDIENCE = {
    "contact": dict.fromkeys(("company", "address1", "city", "state", "zip", "country"), "x"),
    "permission_reminder": "You signed up.",
    "campaign_defaults": dict.fromkeys(("from_name", "subject", "language"), "x")
    | {"from_email": "post@nordlys.no"},
    "email_type_option": False,
}
_SHOWN = "members.email_address,members.status,members.merge_fields,members.tags,total_items"


@dataclass(frozen=True, slots=True)
class Held:
    """What the audience holds about one member."""

    status: str
    merge: Mapping[str, Any]
    tags: frozenset[str]


@dataclass
class Works:
    """One installation with one connection; every case gets an audience and profiles of its own."""

    practice: Practice
    settings: Settings
    store: Store
    web: requests.Session = field(default_factory=requests.Session)
    audience_id: str = ""

    @property
    def table(self) -> Path:
        """The file of the profiles."""
        return self.settings.state.parent / "profiles.parquet"

    def admin(self, path: str, **said: Any) -> Any:
        """Turn a switch that Mailchimp itself does not offer."""
        answer = self.web.post(f"{self.practice.url}/practice/{path}", json=said, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def api(self, method: str, path: str, **said: Any) -> Any:
        """Speak to the practice Mailchimp as anybody with the key can."""
        url = f"{self.practice.url}/3.0/lists{path}"
        auth = ("any", self.practice.api_key)
        answer = self.web.request(method, url, json=said or None, auth=auth, timeout=20)
        while answer.status_code == 429:
            # What Muster gave up may still hold its connection.
            time.sleep(0.05)
            answer = self.web.request(method, url, json=said or None, auth=auth, timeout=20)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def here(self, method: str, path: str, **said: Any) -> Any:
        """Speak about this case's audience."""
        return self.api(method, f"/{self.audience_id}{path}", **said)

    def new_audience(self, *, required: Iterable[str] = ()) -> None:
        """Make an audience with the fields FNAME, LNAME, LTV (a number) and BIRTHDAY."""
        self.calm()
        made = self.api("POST", "", name=f"Audience {next(NUMBERS)}", **_AUDIENCE)
        self.audience_id = made["id"]
        self.here("POST", "/merge-fields", tag="LTV", name="Lifetime value", type="number")
        for tag in required:
            self.require(tag)

    def require(self, tag: str) -> None:
        """Make a merge field required."""
        self.here("PATCH", f"/merge-fields/{self.field(tag)}", required=True)

    def field(self, tag: str) -> int:
        """Return the id of a merge field."""
        fields = self.here("GET", "/merge-fields?count=100")["merge_fields"]
        return int(next(one["merge_id"] for one in fields if one["tag"] == tag))

    def stats(self) -> dict[str, Any]:
        """What the practice Mailchimp counted since it was last told to."""
        told: dict[str, Any] = self.web.get(f"{self.practice.url}/practice/", timeout=20).json()
        return dict(told["stats"])

    def calm(self) -> None:
        """Take all faults away, and every reading back to its first."""
        self.admin("faults", faults=[])
        self.admin("disputes", **{k: v[0] for k, v in self.readings().items()})

    def readings(self) -> dict[str, list[str]]:
        """Every disputed behaviour with its readings."""
        found: dict[str, list[str]] = self.web.get(
            f"{self.practice.url}/practice/", timeout=20
        ).json()["readings"]
        return found

    def profiles(self, rows: Iterable[Mapping[str, Any]], **types: Any) -> None:
        """Be a company with these profiles; the columns are those of the first."""
        listed = list(rows)
        frame = pl.DataFrame(listed, schema=types or None, infer_schema_length=None)
        fresh = self.table.with_suffix(".new")
        frame.write_parquet(fresh)
        fresh.replace(self.table)

    def export(
        self,
        matching: Matching,
        options: Options,
        queries: Mapping[str, str] = {"All": "select profile_id from profiles"},
        connection: str = "Practice",
    ) -> str:
        """Save an export of these queries, which become segments of these names."""
        name = f"Export {next(NUMBERS)}"
        for segment in queries:
            if segment not in {one.name for one in segments.all(self.store, ME)}:
                segments.add(self.store, ME, name=segment, sql=queries[segment])
            else:
                segments.edit(self.store, ME, segment, sql=queries[segment])
        exports.add(
            self.store,
            ME,
            name=name,
            connection=connection,
            audience_id=self.audience_id,
            matching=matching,
            options=options,
            segments=list(queries),
        )
        return name

    def plan(self, export: str) -> Plan:
        """Have a plan made."""
        begun = plans.begin(self.store, ME, export)
        stages.plan(Shop(self.store, self.settings), begun.id)
        return plans.get(self.store, ME, begun.id)

    def ready(self, export: str) -> Plan:
        """Have a plan made that must succeed."""
        plan = self.plan(export)
        assert plan.state is PlanState.READY, plan.message
        return plan

    def ask(self, plan: Plan) -> Run:
        """Say yes to a plan and queue its run."""
        plans.approve(self.store, ME, plan.id)
        return progress.request(self.store, ME, plan.id)

    def work(self, run_id: str, closing: Callable[[], bool] = lambda: False) -> Run:
        """Carry a run out as far as a worker that may be closing would."""
        shop = Shop(self.store, self.settings, closing)
        _ = (
            stages.check(shop, run_id)
            and stages.send(shop, run_id)
            and stages.read_back(shop, run_id)
        )
        return self.run(run_id)

    def carry_out(self, plan: Plan) -> Run:
        """Approve a plan and carry it out."""
        return self.work(self.ask(plan).id)

    def push(self, export: str) -> Run:
        """Plan, approve and carry out."""
        return self.carry_out(self.ready(export))

    def run(self, run_id: str) -> Run:
        """Read a run."""
        return runs.get(self.store, ME, run_id)

    def told(self, run_id: str) -> pl.DataFrame:
        """Read what became of every contact."""
        return pl.read_parquet(self.settings.runs_dir / run_id / "outcomes.parquet")

    def planned(self, plan: Plan) -> pl.DataFrame:
        """Read a plan's contacts."""
        return pl.read_parquet(Path(plan.directory) / "plan.parquet")

    def hold(self) -> dict[str, Held]:
        """Read everything the audience holds, by lower-cased address."""
        found: dict[str, Held] = {}
        for status in ("", "&status=archived"):
            offset, total = 0, 1
            while offset < total:
                query = f"/members?count=1000&offset={offset}&fields={_SHOWN}{status}"
                page = self.here("GET", query)
                total, offset = page["total_items"], offset + 1000
                for one in page["members"]:
                    merge = {k: v for k, v in one["merge_fields"].items() if v != ""}
                    tags = frozenset(tag["name"] for tag in one["tags"])
                    found[one["email_address"].lower()] = Held(one["status"], merge, tags)
        return found

    def count(self) -> int:
        """Count members without a connection of Mailchimp's."""
        told = self.web.get(f"{self.practice.url}/practice/", timeout=20).json()
        here = next(one for one in told["audiences"] if one["id"] == self.audience_id)
        return sum(here["statuses"].values())

    def join(self, email: str, status: str = "subscribed", **merge: Any) -> None:
        """Have a member in the audience, with a status no export gave them."""
        first = "subscribed" if status in ("cleaned", "archived", "forgotten", "self") else status
        self.here(
            "PUT", f"/members/{email}", email_address=email, status_if_new=first, merge_fields=merge
        )
        self.befall(email, status)

    def befall(self, email: str, what: str) -> None:
        """Let something happen to a member that no export did."""
        if what in ("self", "cleaned"):
            said = {"audience": self.audience_id, "addresses": [email]}
            self.admin("self-unsubscribe", bounced=what == "cleaned", **said)
        elif what == "archived":
            self.here("DELETE", f"/members/{email}")
        elif what == "forgotten":
            self.here("POST", f"/members/{email}/actions/delete-permanent")
        elif what == "unsubscribed":
            self.here("PATCH", f"/members/{email}", status="unsubscribed")

    def tag(self, name: str, *emails: str) -> None:
        """Give members a tag by hand."""
        for email in emails:
            self.here("POST", f"/members/{email}/tags", tags=[{"name": name, "status": "active"}])


def assert_sums_agree(works: Works, run: Run) -> None:
    """Plan, counts and file must say the same of every contact."""
    frame = works.told(run.id)
    plan = plans.get(works.store, ME, run.plan_id or "")
    assert frame.height == frame["ord"].n_unique() == sum(plan.counts["fates"].values())
    assert {k: v for k, v in run.outcomes.items() if v} == dict(Counter(frame["outcome"]))


def settle_in(practice: Practice, state: Path) -> Works:
    """Open an installation with one connection to the practice Mailchimp."""
    settings = load(state=state, use_sample=False, mailchimp_patience_s=60)
    store = open_store(settings)
    works = Works(practice, settings, store)
    works.profiles([{"profile_id": 0, "email": ""}])
    sources.add(store, ME, Source("profiles", str(works.table), key="profile_id"))
    connections.add(
        store, ME, name="Practice", api_key=practice.api_key, api_url=practice.url, practice=True
    )
    return works
