"""Random audiences, profiles, options, faults, cancels and resumes, against an oracle.

Whatever happens: nobody is lost, nobody wrong, nobody subscribed again, and the sums agree.
``MUSTER_PROOF_EXAMPLES`` and ``MUSTER_PROOF_STEPS`` set how long the long version runs.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.runs import desk
from lib.store import progress
from lib.store.plans import Plan
from lib.store.runs import Run, RunState
from tests.proof import oracle, people
from tests.proof.oracle import Audience, Intent, Member, Person, Rules, Trace
from tests.proof.works import TALLY, Works, assert_sums_agree

COLUMNS = {
    "FNAME": "first_name", "LNAME": "last_name", "LTV": "ltv", "BIRTHDAY": "born",
    "SINCE": "since", "TIER": "tier", "ADDRESS": "street",
}  # fmt: skip
HOME = {"addr1": "street", "city": "city", "state": "state", "zip": "zip", "country": "country"}
TEXT = ("email", *COLUMNS.values(), *HOME.values())
QUERIES = {
    "Gold": "select profile_id from profiles where gold",
    "Silver": "select profile_id from profiles where silver",
}
EXAMPLES = int(os.environ.get("MUSTER_PROOF_EXAMPLES", "2000"))
PARTS = 4
"""So many tests share the examples, so that as many processes can."""
STEPS = int(os.environ.get("MUSTER_PROOF_STEPS", "16"))


@dataclass(frozen=True)
class Past:
    """A run that is done, and can be undone."""

    run_id: str
    traces: dict[str, Trace]


@dataclass(frozen=True)
class Mishaps:
    """What goes wrong while a run is carried out."""

    faults: list[dict[str, Any]]
    dial: list[dict[str, Any]]
    """Faults that stay until the run is done."""
    interrupts: list[str]
    patience: int
    """How often a worker looks before it is interrupted."""


class Machine(RuleBasedStateMachine):
    """One audience and one export, through plans, runs, mishaps and changes."""

    def __init__(self, works: Works) -> None:
        super().__init__()
        self.works = works
        self.terms = Rules()
        self.export = ""
        self.people: list[Person] = []
        self.owned: dict[str, frozenset[str]] = {}
        self.refused: frozenset[str] = frozenset()
        self.forgotten: set[str] = set()
        self.unreachable: set[str] = set()
        """Who said no, or bounced: never to be reached by anything Muster does."""
        self.plan: Plan | None = None
        self.intents: dict[str, Intent] = {}
        self.forced = False
        """Whoever joins by a call has to confirm first, whatever the call says."""
        self.done: Past | None = None
        self.meddled: set[str] = set()
        """Members to whom something else happened since the run that is done began."""

    @initialize(
        crowd=st.lists(people.members(), max_size=14, unique_by=lambda m: m["email"]),
        company=st.lists(people.profiles(), max_size=24),
        options=st.builds(
            Options,
            st.sampled_from(StatusIfNew),
            st.booleans(),
            st.sampled_from(OnLeave),
            st.booleans(),
        ),
        keep=st.frozensets(st.sampled_from(sorted(COLUMNS))),
        required=st.booleans(),
        double_optin=st.booleans(),
        switches=st.fixed_dictionaries(dict.fromkeys(people.SWITCHES, st.integers(0, 1))),
    )
    def begin(
        self,
        *,
        crowd: list[dict[str, Any]],
        company: list[dict[str, Any]],
        options: Options,
        keep: frozenset[str],
        required: bool,
        double_optin: bool,
        switches: dict[str, int],
    ) -> None:
        works = self.works
        TALLY["examples"] += 1
        works.new_audience()
        works.here("POST", "/merge-fields", tag="SINCE", name="Member since", type="date")
        tiers = {"choices": people.TIERS}
        works.here("POST", "/merge-fields", tag="TIER", name="T", type="dropdown", options=tiers)
        for one in crowd:
            self._join(one)
        waits = double_optin and switches.get("forced_opt_in") == 1
        forced = waits and options.status_if_new is StatusIfNew.SUBSCRIBED
        self.terms = Rules(
            options.status_if_new.value,
            options.tag_segments,
            options.on_leave.value,
            options.revive_archived and options.status_if_new is StatusIfNew.SUBSCRIBED,
            keep,
            frozenset({"LNAME"} if required else ()),
            "pending" if forced else "",
        )
        if double_optin:
            works.here("PATCH", "", double_optin=True)
        self.forced = waits
        if required:
            works.require("LNAME")
        readings = works.readings()
        works.admin("disputes", **{name: readings[name][at] for name, at in switches.items()})
        fields = tuple(
            FieldMatch(tag, column, tag in keep, tuple(HOME.items()) if tag == "ADDRESS" else ())
            for tag, column in COLUMNS.items()
        )
        self.export = works.export(Matching("email", fields), options, QUERIES)
        self._be(company)

    def _join(self, one: dict[str, Any]) -> None:
        first, *then = one["status"].split()
        self.works.join(one["email"], **one["merge"])
        for tag in one["tags"]:
            self.works.tag(tag, one["email"])
        others = ("transactional", "pending")
        if first in others or self.forced:
            status = first if first in others else "subscribed"
            self.works.here("PATCH", f"/members/{one['email']}", status=status)
        for what in (first, *then):
            self._befall(one["email"], what)

    def _befall(self, email: str, what: str) -> None:
        self.works.befall(email, what)
        if what == "forgotten":
            self.forgotten.add(email)
        if what in ("self", "cleaned", "unsubscribed"):
            self.unreachable.add(email)

    def _be(self, company: list[dict[str, Any]]) -> None:
        rows, self.people = [], []
        for key, one in enumerate(company):
            address, values = one["truth"]
            tags = frozenset(name.lower() for name in QUERIES if one[name.lower()])
            rows.append({"profile_id": key} | {k: v for k, v in one.items() if k != "truth"})
            if tags:
                self.people.append(Person(key, address, values, tags))
        self.works.profiles(
            rows, profile_id=int, **dict.fromkeys(TEXT, str), gold=bool, silver=bool
        )

    def now(self) -> Audience:
        """Return what the audience holds."""
        return {
            email: Member(
                held.status, dict(held.merge), frozenset(tag.lower() for tag in held.tags)
            )
            for email, held in self.works.hold().items()
        }

    @precondition(lambda self: self.plan is None)
    @rule(company=st.lists(people.profiles(), max_size=24))
    def profiles_change(self, company: list[dict[str, Any]]) -> None:
        self._be(company)

    @rule(
        email=st.sampled_from(people.ADDRESSES),
        what=st.sampled_from(("self", "cleaned", "archived", "unsubscribed", "forgotten")),
    )
    def somebody_leaves(self, email: str, what: str) -> None:
        member = self.now().get(email)
        if member and member.status in oracle.REACHED:
            self._befall(email, what)
            self.meddled.add(email)

    @rule(
        email=st.sampled_from(people.ADDRESSES),
        tag=st.sampled_from(("FNAME", "PHONE")),
        value=st.sampled_from(("Own", "Old")),
    )
    def somebody_edits(self, email: str, tag: str, value: str) -> None:
        member = self.now().get(email)
        if member and member.status in oracle.REACHED:
            self.works.here("PATCH", f"/members/{email}", merge_fields={tag: value})
            self.meddled.add(email)

    @rule(one=people.members())
    def somebody_joins(self, one: dict[str, Any]) -> None:
        if one["email"] not in self.forgotten and one["email"] not in self.now():
            self._join(one | {"merge": one["merge"] | {"LNAME": "Own"}})
            self.meddled.add(one["email"])

    @precondition(lambda self: self.plan is None)
    @rule()
    def make_a_plan(self) -> None:
        before = self.now()
        self.plan = self.works.ready(self.export)
        self.intents = oracle.intend(self.people, before, self.terms, self.owned, self.refused)
        planned = self.works.planned(self.plan)
        fates = {
            row["member_id"]: row["fate"]
            for row in planned.iter_rows(named=True)
            if row["member_id"] and row["fate"] != "duplicate"
        }
        emails = {
            row["member_id"]: row["email"].lower()
            for row in planned.iter_rows(named=True)
            if row["member_id"]
        }
        said = {emails[member_id]: fate for member_id, fate in fates.items()}
        assert said == {address: intent.fate for address, intent in self.intents.items()}
        assert self.now() == before

    @rule(
        faults=st.lists(people.faults, max_size=2),
        refusing=st.sampled_from((0.0, 0.0, 0.3)),
        interrupts=st.lists(st.sampled_from(("cancel", "close", "none")), max_size=2),
        patience=st.integers(0, 3),
        leaver=st.sampled_from((None, *people.ADDRESSES)),
    )
    def carry_out(
        self,
        faults: list[dict[str, Any]],
        refusing: float,
        interrupts: list[str],
        patience: int,
        leaver: str | None,
    ) -> None:
        # Rules that wait for one another would rarely meet.
        if self.plan is None:
            self.make_a_plan()
        assert self.plan is not None
        self.meddled.clear()
        before = self.now()
        run = self.works.ask(self.plan)
        TALLY["runs"] += 1
        dial = [{"name": "reject-address", "rate": refusing}] if refusing else []
        touched: set[str] = set()

        def meanwhile(stopped: Run) -> None:
            self._check_partly(stopped, before, touched, refusing > 0)
            if leaver and (member := self.now().get(leaver)) and member.status in oracle.REACHED:
                self._befall(leaver, "self" if patience % 2 else "archived")
                touched.add(leaver)

        run = self._through(run, Mishaps(faults, dial, interrupts, patience), meanwhile)
        told = self._check_whole(run.id, before, refusing > 0, touched)
        self.meddled |= touched
        now, sure = self.now(), not (faults or refusing or interrupts)
        self.done = Past(
            run.id,
            {
                email: Trace(outcome, self.intents[email], before.get(email), now.get(email), sure)
                for email, (outcome, *_) in told.items()
            },
        )
        self.plan = None

    def _through(
        self,
        run: Run,
        mishaps: Mishaps,
        meanwhile: Callable[[Run], None] = lambda stopped: None,
    ) -> Run:
        """Work on a run until it is done, whatever happens."""
        works = self.works
        for how in [*mishaps.interrupts, "none"]:
            works.admin("faults", faults=[*mishaps.faults, *mishaps.dial])
            run = works.work(run.id, self._closing(run.id, how, mishaps.patience))
            works.admin("faults", faults=mishaps.dial)
            if run.state is RunState.DONE:
                break
            TALLY[f"runs that were {run.state} and went on"] += 1
            meanwhile(run)
            if run.state is not RunState.RUNNING:
                progress.resume(works.store, ME, run.id)
        run = works.run(run.id)
        while run.state is not RunState.DONE:
            if not run.live:
                progress.resume(works.store, ME, run.id)
            run = works.work(run.id)
            assert run.state is RunState.DONE, run.message
        works.admin("faults", faults=[])
        assert_sums_agree(works, run)
        return run

    @precondition(lambda self: self.done is not None and self.plan is None)
    @rule(
        faults=st.lists(people.faults, max_size=1),
        interrupts=st.lists(st.sampled_from(("cancel", "close")), max_size=1),
        patience=st.integers(0, 3),
    )
    def undo(self, faults: list[dict[str, Any]], interrupts: list[str], patience: int) -> None:
        works, done = self.works, self.done
        assert done is not None
        before = self.now()
        plan = desk.undo_here(works.store, works.settings, ME, done.run_id)
        assert self.now() == before
        run = self._through(works.ask(plan), Mishaps(faults, [], interrupts, patience))
        TALLY["undos"] += 1
        now = self.now()
        self._disown(before)
        for email in before.keys() | now.keys():
            held, trace = before.get(email), done.traces.get(email)
            may = [held]
            if trace is not None:
                sure = trace.sure and email not in self.meddled
                may = oracle.take_back(replace(trace, sure=sure), held, self.terms)
            assert now.get(email) in may, (email, now.get(email), may, trace)
            self._unlearn(email, held, now.get(email))
        assert "otherwise than sent" not in run.message, run.message
        self.done = None

    def _unlearn(self, email: str, before: Member | None, now: Member | None) -> None:
        """Forget whom an undo archived, and know the tags that it put back."""
        if before is None or now is None or email not in self.owned or before == now:
            return
        if now.status == "archived":
            del self.owned[email]
        else:
            self.owned[email] |= now.tags - before.tags

    def _closing(self, run_id: str, how: str, patience: int) -> Callable[[], bool]:
        looks: Iterator[int] = iter(range(1_000_000))

        def closing() -> bool:
            if next(looks) < patience + 2:
                return False
            if how == "cancel" and self.works.run(run_id).state is RunState.RUNNING:
                progress.cancel(self.works.store, ME, run_id)
            return how == "close"

        return closing

    def _check_partly(self, run: Run, before: Audience, touched: set[str], refusing: bool) -> None:
        """Everybody is as before, or as the run is to make them; who was not sent is as before."""
        now = {email: held for email, held in self.now().items() if email not in touched}
        before = {email: held for email, held in before.items() if email not in touched}
        # A run that stopped while it was checking has not come to outcomes.
        there = (self.works.settings.runs_dir / run.id / "outcomes.parquet").exists()
        told = self.works.told(run.id) if there and not run.live else pl.DataFrame()
        for row in told.iter_rows(named=True):
            if row["outcome"] == "not_sent" and row["planned"] in ("added", "updated"):
                email = row["email"].lower()
                assert now.get(email) == before.get(email), (email, row["message"])
        for email in before.keys() | now.keys():
            if now.get(email) != before.get(email):
                assert email in self.intents, email
                may = self._may(email, before.get(email))
                held = [after for _, after in may]
                if refusing:
                    held.append(oracle.refuse(self.intents[email], before.get(email)))
                assert now.get(email) in held, (email, now.get(email), may)

    def _check_whole(
        self, run_id: str, before: Audience, refusing: bool, touched: set[str]
    ) -> dict[str, tuple[str, str, str]]:
        """Return what was told of each address: outcome, code and message."""
        now = self.now()
        told = {
            row["email"].lower(): (row["outcome"], row["code"], row["message"])
            for row in self.works.told(run_id).iter_rows(named=True)
            if row["member_id"] and row["planned"] != "duplicate"
        }
        assert set(told) == set(self.intents)
        for email in before.keys() | now.keys() | told.keys():
            if email in touched:
                continue
            outcome = told.get(email, ("", "", ""))[0]
            if email not in told:
                assert now.get(email) == before.get(email), email
            elif outcome == "rejected" and refusing:
                refused = oracle.refuse(self.intents[email], before.get(email))
                assert now.get(email) == refused, email
            else:
                may = self._may(email, before.get(email))
                assert (outcome, now.get(email)) in may, (email, outcome, now.get(email), may)
        self._disown(before)
        self._learn(told)
        return told

    def _may(self, email: str, before: Member | None) -> list[tuple[str, Member | None]]:
        new = email not in self.forgotten
        return oracle.happen(email, self.intents[email], before, self.terms, can_be_new=new)

    def _disown(self, before: Audience) -> None:
        """Forget whom a run finds away: who comes back later does so by themselves."""
        there = {
            email for email, one in before.items() if one.status in (*oracle.REACHED, "pending")
        }
        self.owned = {email: tags for email, tags in self.owned.items() if email in there}

    def _learn(self, told: dict[str, tuple[str, str, str]]) -> None:
        for email, (outcome, code, message) in told.items():
            intent = self.intents[email]
            ours = outcome == "added" and code not in ("answered_updated", "read_back")
            if ours or (outcome in ("added", "updated") and email in self.owned):
                self.owned[email] = self.owned.get(email, frozenset()) | intent.add
            if oracle.refused_for_good(outcome, message):
                self.refused |= {email}
            if intent.fate == "left" and self.terms.on_leave == "archive":
                self.owned.pop(email, None)

    @invariant()
    def nobody_who_said_no_is_subscribed(self) -> None:
        if self.unreachable:
            now = self.now()
            for email in self.unreachable & now.keys():
                assert now[email].status in ("unsubscribed", "cleaned", "archived"), email


def prove(works: Works, examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        # Shrinking whole runs would take longer than reading one.
        phases=(Phase.explicit, Phase.generate),
        database=None,
    )
    machine = partial(Machine, works)
    works.admin("stats")
    try:
        run_state_machine_as_test(machine, settings=chosen)  # type: ignore[arg-type]
    finally:
        stats = works.stats()
        TALLY.update({f"faults met: {name}": n for name, n in stats["faults"].items()})
        TALLY["calls to the practice Mailchimp"] += sum(stats["statuses"].values())


def test_no_one_is_lost_wrong_or_subscribed_again_in_short(
    works: Works, small_batches: None
) -> None:
    prove(works, examples=3, steps=5)


def begun(
    works: Works, options: Options, company: list[dict[str, Any]], **switches: int
) -> Machine:
    """Return a machine by hand: two members, and what the company would have of them."""
    machine = Machine(works)
    member = {"status": "subscribed", "merge": {"FNAME": "Own", "SINCE": "2001-01-01"}}
    machine.begin(
        crowd=[member | {"email": people.ADDRESSES[i], "tags": ["gold"]} for i in range(2)],
        company=company,
        options=options,
        keep=frozenset(),
        required=False,
        double_optin=False,
        switches=switches,
    )
    return machine


def somebody(i: int) -> dict[str, Any]:
    """Return a profile in the segments Gold and Silver."""
    whole: dict[str, Any] = dict.fromkeys(TEXT)
    whole |= {"email": people.ADDRESSES[i], "first_name": "Ada", "since": "2024-02-29"}
    truth = (people.ADDRESSES[i], {"FNAME": "Ada", "SINCE": "2024-02-29"})
    return whole | {"gold": True, "silver": True, "truth": truth}


CALM: dict[str, Any] = {
    "faults": [], "refusing": 0.0, "interrupts": [], "patience": 0, "leaver": None
}  # fmt: skip


@pytest.mark.parametrize("on_leave", [OnLeave.UNTAG, OnLeave.ARCHIVE])
def test_a_leaver_who_unsubscribes_after_the_plan_is_what_the_oracle_says(
    works: Works, on_leave: OnLeave
) -> None:
    machine = begun(works, Options(on_leave=on_leave), [somebody(2)])
    machine.make_a_plan()
    machine.carry_out(**CALM)
    machine.profiles_change(company=[])
    machine.make_a_plan()
    assert machine.intents[people.ADDRESSES[2]].fate == "left"
    machine.somebody_leaves(email=people.ADDRESSES[2], what="self")
    machine.carry_out(**CALM)


@pytest.mark.parametrize("ignored", [0, 1])
def test_an_undo_is_what_the_oracle_says(works: Works, small_batches: None, ignored: int) -> None:
    machine = begun(works, Options(), [somebody(i) for i in range(5)], tags_in_batch=ignored)
    before = machine.now()
    machine.make_a_plan()
    machine.carry_out(**CALM)
    machine.somebody_edits(email=people.ADDRESSES[1], tag="FNAME", value="Own")
    machine.somebody_edits(email=people.ADDRESSES[2], tag="PHONE", value="Own")
    machine.somebody_leaves(email=people.ADDRESSES[3], what="self")
    machine.undo(faults=[], interrupts=[], patience=0)
    now = machine.now()
    assert {email: now[email] for email in before} == before
    statuses = [now[people.ADDRESSES[i]].status for i in range(2, 5)]
    assert statuses == ["subscribed", "unsubscribed", "archived"]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS), ids="part{}".format)
def test_no_one_is_lost_wrong_or_subscribed_again(
    works: Works, small_batches: None, part: int
) -> None:
    prove(works, EXAMPLES // PARTS, STEPS)
