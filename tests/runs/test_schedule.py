"""The schedule at work: what comes due is fired once, measured, and run or stopped."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, select

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.config import Office, schedule
from lib.contacts.options import Options
from lib.runs import attempts, desk, orders, process, stages
from lib.runs.schedule import WHY
from lib.runs.sending import rails
from lib.runs.stages import Shop
from lib.settings import load
from lib.store import (
    Store,
    channels,
    connections,
    consent,
    exports,
    firings,
    notices,
    open_store,
    plans,
    progress,
    refresh,
    rules,
    runs,
    segments,
    tables,
)
from lib.store.acts import MACHINE
from lib.store.firings import SET, Firing
from lib.store.guard import Guard
from lib.store.plans import PlanState
from lib.store.rows import build
from lib.store.runs import Run, RunState
from tests.runs.conftest import PROFILES, Company, until

FEW = "select profile_id from profiles where profile_id < 1000"
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_SIX = "0 6 * * *"


@contextmanager
def at(store: Store, moment: datetime) -> Iterator[Store]:
    """Let it be this moment for the store."""
    now, store.clock = store.clock, lambda: moment
    try:
        yield store
    finally:
        store.clock = now


@pytest.fixture
def quiet(state: Path) -> Iterator[Company]:
    """Return a company whose Mailchimp nobody asks anything."""
    settings = load(state=state, use_sample=False)
    nowhere = SimpleNamespace(api_key="0123abcd-us6", url="http://127.0.0.1:9", audience_id="a")
    with open_store(settings) as store:
        made = Company(settings, store, nowhere)
        made.connect()
        yield made


def approved(company: Company, name: str, sql: str = FEW, guard: Guard | None = None) -> str:
    """Save an export at midnight, long ago, whose rules are approved and which follows at six."""
    with at(company.store, MIDNIGHT) as store:
        company.export(name, sql)
        if guard is not None:
            rules.set_guard(store, ME, name, guard)
        refresh.put(store, ME, AT_SIX)
        consent.agree(store, ME, "Practice")
        return rules.approve_rules(store, ME, name).id


def look(company: Company, moment: datetime) -> int:
    """Look what is due at a moment; say how many attempts that began."""
    with at(company.store, moment) as store:
        found = attempts.look(store, company.settings)
    return sum(firing.plan_id is not None for firing in found)


def give_up(company: Company) -> None:
    """End every attempt that was begun, as its plan does not matter."""
    for plan in plans.ordered(company.store, ME):
        plans.fail(company.store, plan.id, "Enough.")
        attempts.decide(company.store, company.settings, plan.id)


def attempts_of(company: Company, export_id: str) -> list[tuple[str, str, str]]:
    """Return trigger, state and message of every run of an export, oldest first."""
    found = runs.all(company.store, ME, export=export_id)
    return [(run.trigger, run.state, run.message) for run in reversed(found)]


def fired(company: Company, export_id: str) -> list[Firing]:
    """Return the firings of an export, newest first."""
    columns = tables.firings.c
    query = select(tables.firings).where(columns.export_id == export_id, columns.note != SET)
    with company.store.read() as db:
        rows = db.execute(query.order_by(columns.due_at.desc())).mappings()
        return [build(Firing, row) for row in rows]


def test_what_is_due_fires_once_however_often_one_looks(quiet: Company) -> None:
    export = approved(quiet, "News")
    six = MIDNIGHT + 6 * HOUR
    assert [
        look(quiet, six - timedelta(seconds=1)),
        look(quiet, six),
        look(quiet, six + HOUR),
    ] == [
        0,
        1,
        0,
    ]
    (plan,) = plans.ordered(quiet.store, ME)
    assert (plan.export_id, plan.trigger, plan.made_by) == (export, "refresh", ME.email)
    give_up(quiet)
    assert look(quiet, six + DAY) == 1
    (second,) = plans.ordered(quiet.store, ME)
    assert (second.trigger, firings.note_of(quiet.store, second.id)) == ("refresh", "")


def test_a_refresh_that_is_moved_makes_up_for_nothing(quiet: Company) -> None:
    approved(quiet, "News")
    with at(quiet.store, MIDNIGHT + 10 * HOUR) as store:
        refresh.put(store, ME, "0 9 * * *")
    assert look(quiet, MIDNIGHT + 11 * HOUR) == 0
    assert look(quiet, MIDNIGHT + 33 * HOUR) == 1


def test_what_was_missed_runs_once_and_says_so(quiet: Company) -> None:
    export = approved(quiet, "News")
    assert look(quiet, MIDNIGHT + 3 * DAY + 7 * HOUR) == 1
    (plan,) = plans.ordered(quiet.store, ME)
    assert plan.trigger == "missed"
    note = firings.note_of(quiet.store, plan.id)
    assert "2026-03-04 06:00" in note and "3 times before" in note
    give_up(quiet)
    ((trigger, state, message),) = attempts_of(quiet, export)
    assert (trigger, state) == ("missed", RunState.FAILED)
    assert message.startswith(note) and message.endswith("Enough.")
    assert look(quiet, MIDNIGHT + 3 * DAY + 8 * HOUR) == 0
    assert look(quiet, MIDNIGHT + 4 * DAY + 6 * HOUR) == 1


def test_two_workers_that_look_at_once_fire_once(quiet: Company) -> None:
    for number in range(5):
        approved(quiet, f"Export {number}")
    six = MIDNIGHT + 6 * HOUR
    began = threading.Barrier(2)

    def be_a_worker() -> None:
        with open_store(quiet.settings, clock=lambda: six) as store:
            began.wait()
            attempts.look(store, quiet.settings)

    both = [threading.Thread(target=be_a_worker) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    made = plans.ordered(quiet.store, ME)
    assert len({plan.export_id for plan in made}) == len(made) == 5


def test_what_was_set_or_switched_on_later_was_not_missed(quiet: Company) -> None:
    export = approved(quiet, "News")
    noon = MIDNIGHT + 12 * HOUR
    with at(quiet.store, noon) as store:
        rules.set_schedule(store, ME, ["News"], "30 6 * * *")
    assert look(quiet, noon + HOUR) == 0
    with at(quiet.store, noon + DAY) as store:
        exports.edit(store, ME, "News", active=False)
    with at(quiet.store, noon + 3 * DAY) as store:
        exports.edit(store, ME, "News", active=True)
    assert look(quiet, noon + 3 * DAY + HOUR) == 0
    with at(quiet.store, noon + 4 * DAY) as store:
        refresh.put(store, ME, "0 9 * * *")
        rules.set_schedule(store, ME, ["News"], "")
    assert look(quiet, noon + 4 * DAY + HOUR) == 0
    assert look(quiet, noon + 5 * DAY) == 1
    assert [firing.plan_id is None for firing in fired(quiet, export)] == [False]


@pytest.mark.parametrize("why", ["consent", "rules", "user"])
def test_what_is_forbidden_lets_its_moment_pass_and_says_why(quiet: Company, why: str) -> None:
    export = approved(quiet, "News")
    six = MIDNIGHT + 6 * HOUR
    settings = quiet.settings
    with at(quiet.store, six - HOUR) as store:
        if why == "consent":
            consent.withdraw(store, ME, "Practice")
        elif why == "rules":
            exports.edit(store, ME, "News", options=Options(tag_segments=False))
        else:
            connections.edit(store, ME, "Practice", export_user="gone@muster.test")
            quiet.settings = settings.model_copy(update={"administrators": ("ada@muster.test",)})
    with at(quiet.store, MIDNIGHT) as store:
        channels.add(store, ME, name="Ops", kind="mail", target="ops@muster.test")
    assert look(quiet, six) == 0
    (passed,) = fired(quiet, export)
    assert passed.note == WHY[why]
    (told,) = notices.log(quiet.store, ME)
    assert (told.event, told.body["export"], told.body["reason"]) == ("held", "News", WHY[why])
    quiet.settings = settings
    with at(quiet.store, six + HOUR) as store:
        consent.agree(store, ME, "Practice")
        rules.approve_rules(store, ME, "News")
    assert look(quiet, six + 2 * HOUR) == 0, "what was forbidden then is not made up for"
    assert look(quiet, six + DAY) == 1


def test_what_does_not_run_is_told_once_and_again_after_it_ran(quiet: Company) -> None:
    export = approved(quiet, "News")
    six = MIDNIGHT + 6 * HOUR
    with at(quiet.store, MIDNIGHT) as store:
        channels.add(store, ME, name="Ops", kind="mail", target="ops@muster.test")
        consent.withdraw(store, ME, "Practice")
        never = exports.get(store, ME, quiet.export("Never approved", FEW))
    assert look(quiet, six) == look(quiet, six + DAY) == 0
    assert firings.newest(quiet.store, ME)[never.id].due_at == (six + DAY)
    with at(quiet.store, six + DAY + HOUR) as store:
        consent.agree(store, ME, "Practice")
    assert look(quiet, six + 2 * DAY) == 1
    with at(quiet.store, six + 2 * DAY + HOUR) as store:
        (plan,) = plans.ordered(store, ME)
        counts = {"fates": {"added": 1}, "contacts": 1, "over_limit": 0}
        plans.finish(store, plan.id, counts=counts, fingerprint="f", directory="gone")
        attempts.decide(store, quiet.settings, plan.id)
        (run,) = runs.all(store, ME, export=export)
        progress.begin(store, run.id)
        progress.finish(store, run.id, RunState.DONE)
        consent.withdraw(store, ME, "Practice")
    assert look(quiet, six + 3 * DAY) == 0
    told = [one.event for one in reversed(notices.log(quiet.store, ME))]
    assert told == ["held", "recovered", "held"]


def test_detached_and_off_never_come_due(quiet: Company) -> None:
    approved(quiet, "Off")
    approved(quiet, "Detached")
    rules.set_schedule(quiet.store, ME, ["Off"], "off")
    exports.detach(quiet.store, ME, "Detached")
    assert look(quiet, datetime.now(UTC) + 3 * DAY) == 0


def worked(company: Company, export_id: str, **more: object) -> Run:
    """Have a worker make up for what is due, and return the run when it is over."""
    company.work()
    until(lambda: bool(runs.all(company.store, ME, export=export_id)))
    (run,) = runs.all(company.store, ME, export=export_id)
    return company.end(run.id)


def test_a_worker_makes_up_for_what_was_missed_and_the_history_says_so(company: Company) -> None:
    export = approved(company, "News")
    run = worked(company, export)
    assert (run.state, run.trigger, run.requested_by) == (RunState.DONE, "missed", MACHINE)
    assert "no worker was there" in run.message
    assert run.outcomes["added"] == company.members() == 1000
    (stands,) = schedule.overview(Office(company.settings, company.store, ME))
    assert stands.last_run == run
    assert stands.next_run is not None and stands.next_run > datetime.now(UTC)


def test_a_guard_rail_stops_before_sending_and_a_person_decides(company: Company) -> None:
    export = approved(company, "News", guard=Guard(most_added=999))
    run = worked(company, export)
    assert (run.state, run.rail, company.members()) == (RunState.STOPPED, "most_added", 0)
    assert "1,000" in run.message and "999" in run.message
    plan = plans.of_export(company.store, ME, "News")[0]
    assert plan.approved_by is None
    again = desk.approve_and_start(
        company.store, company.settings, ME, plan.id, fingerprint=plan.fingerprint
    )
    assert again.id == run.id
    assert (company.end(run.id).state, company.members()) == (RunState.DONE, 1000)


def test_the_deviation_from_the_last_run_stops_an_export_that_lost_its_people(
    company: Company,
) -> None:
    export = approved(company, "News")
    worked(company, export)
    segments.edit(company.store, ME, "Segment of News", sql=f"{FEW} and profile_id < 400")
    rules.approve_rules(company.store, ME, "News")
    office = Office(company.settings, company.store, ME)
    ((name, _),) = [(one.name, one.plan_id) for one in schedule.refresh_now(office).started]
    assert name == "News"
    until(lambda: len(runs.all(company.store, ME, export=export)) == 2)
    newest = runs.newest(company.store, ME)[export]
    assert (newest.state, newest.rail) == (RunState.STOPPED, "most_deviation_percent")
    assert (newest.trigger, newest.outcomes["unchanged"]) == ("refresh", 400)


def test_rejections_stop_a_run_on_its_way_and_a_person_lets_it_go_on(company: Company) -> None:
    company.admin("faults", faults=["reject-address=0.4"])
    export = approved(company, "News", "select profile_id from profiles")
    run = worked(company, export)
    assert (run.state, run.rail) == (RunState.STOPPED, "most_rejected_percent")
    assert run.sent == rails.ENOUGH, "the first batch goes alone"
    assert run.outcomes["not_sent"] > 0
    assert sum(run.outcomes.values()) == PROFILES
    company.admin("faults", faults=[])
    desk.resume(company.store, company.settings, ME, run.id)
    ended = company.end(run.id)
    assert (ended.state, ended.outcomes["not_sent"]) == (RunState.DONE, 0)


def test_a_plan_that_cannot_be_made_is_a_run_that_failed(company: Company) -> None:
    export = approved(company, "News")
    company.table.unlink()
    run = worked(company, export)
    assert run.state is RunState.FAILED
    assert "profiles" in run.message


def test_over_the_contract_it_fails_as_it_would_for_a_person(company: Company) -> None:
    export = approved(company, "News")
    connections.set_contract_limit(company.store, ME, "Practice", 10)
    connections.edit(company.store, ME, "Practice", contract_blocks=True)
    run = worked(company, export)
    assert (run.state, company.members()) == (RunState.FAILED, 0)
    assert "contract" in run.message


def test_over_the_limit_it_fails_and_no_rail_asks_for_a_yes_that_nobody_can_give(
    company: Company,
) -> None:
    export = approved(company, "News", guard=Guard(most_added=1))
    company.settings = company.settings.model_copy(update={"export_limit": 600})
    look(company, datetime.now(UTC))
    (plan,) = plans.ordered(company.store, ME)
    assert stages.plan(Shop(company.store, company.settings), plan.id)
    attempts.decide(company.store, company.settings, plan.id)
    (run,) = runs.all(company.store, ME, export=export)
    assert (run.state, run.rail) == (RunState.FAILED, "")
    assert "400" in run.message


def test_what_a_person_runs_at_the_moment_is_not_overlapped(company: Company) -> None:
    export = approved(company, "News")
    plan = desk.plan_here(company.store, company.settings, ME, "News")
    plans.approve(company.store, ME, plan.id)
    mine = progress.request(company.store, ME, plan.id)
    assert look(company, datetime.now(UTC)) == 0
    (passed,) = fired(company, export)
    assert "not over" in passed.note
    (stands,) = schedule.overview(Office(company.settings, company.store, ME))
    assert (stands.last_run, stands.last_firing) == (mine, passed)


def test_who_reads_the_profiles_is_the_export_user(quiet: Company) -> None:
    approved(quiet, "News")
    connections.edit(quiet.store, ME, "Practice", export_user="cora@muster.test", shared=False)
    assert look(quiet, datetime.now(UTC)) == 1
    (plan,) = plans.ordered(quiet.store, ME)
    assert plan.made_by == "cora@muster.test"
    settings = quiet.settings.model_copy(update={"contributors": ("cora@muster.test",)})
    assert not stages.plan(Shop(quiet.store, settings), plan.id)
    failed = plans.get(quiet.store, ME, plan.id)
    assert (failed.state, "export user" in failed.message) == (PlanState.FAILED, True)


def test_an_attempt_that_a_person_gives_up_has_failed_and_says_who(quiet: Company) -> None:
    export = approved(quiet, "News")
    assert look(quiet, datetime.now(UTC)) == 1
    (plan,) = plans.ordered(quiet.store, ME)
    desk.abandon(quiet.store, ME, plan.id)
    assert not stages.plan(Shop(quiet.store, quiet.settings), plan.id)
    attempts.decide(quiet.store, quiet.settings, plan.id)
    ((trigger, state, message),) = attempts_of(quiet, export)
    assert (trigger, state) == ("missed", RunState.FAILED)
    assert message.endswith("gave this plan up.")


def test_a_schedule_of_an_older_version_that_is_none_hinders_its_export_only(
    quiet: Company,
) -> None:
    approved(quiet, "Old")
    approved(quiet, "New")
    with quiet.store.write() as db:
        db.exec_driver_sql("UPDATE exports SET schedule = 'hourly' WHERE name = 'Old'")
    assert look(quiet, MIDNIGHT + 6 * HOUR) == 1
    stands = {
        one.export.name: one.hindrance
        for one in schedule.overview(Office(quiet.settings, quiet.store, ME))
    }
    assert stands == {"New": "", "Old": "cron"}


def test_a_time_zone_that_there_is_not_is_said_and_loses_nothing(
    quiet: Company, caplog: pytest.LogCaptureFixture
) -> None:
    approved(quiet, "News")
    wrong = quiet.settings.model_copy(update={"time_zone": "Europe/Bergen"})
    with attempts.watch(quiet.store, wrong):
        until(lambda: "MUSTER_TIME_ZONE" in caplog.text)
    assert look(quiet, datetime.now(UTC)) == 1


class Killed(BaseException):
    """As a kill -9: nothing after it happens, nothing catches it."""


class Mortal(Store):
    """A store whose process is killed right before or after its nth transaction is committed."""

    def __init__(self, store: Store, lives: int) -> None:
        self.__dict__ = dict(store.__dict__)
        self.lives = lives

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Write, unless it is killed first."""
        if self.lives == 0:
            raise Killed
        with super().write() as db:
            yield db
        self.lives -= 1
        if self.lives == 0:
            raise Killed


def live(store: Store, company: Company) -> None:
    """Do once what a worker does without end; DBOS only repeats it."""
    shop = Shop(store, company.settings)
    first = orders.unfinished(store)
    attempts.look(store, company.settings)
    for order in (*first, *orders.waiting(store)):
        if order.plan_only:
            stages.plan(shop, order.plan_id)
            attempts.decide(store, company.settings, order.plan_id)


def test_killed_between_any_two_steps_a_moment_fires_once_and_is_not_lost(company: Company) -> None:
    export = approved(company, "News", "select profile_id from profiles where profile_id < 3")
    now, lives = MIDNIGHT + 6 * HOUR, 1
    while True:
        died = False
        with at(company.store, now):
            try:
                live(Mortal(company.store, lives), company)
            except Killed:
                died = True
            live(company.store, company)
            live(company.store, company)
        (run,) = runs.live(company.store, ME)
        assert (run.trigger, run.state) == ("refresh", RunState.QUEUED)
        made = [plan for plan in plans.of_export(company.store, ME, "News") if plan.made_at >= now]
        assert len(made) == 1
        progress.cancel(company.store, ME, run.id)
        if not died:
            break
        now, lives = now + DAY, lives + 1
    assert lives > 3, "firing, plan and run are a transaction each"
    days = fired(company, export)
    assert [one.due_at for one in reversed(days)] == [
        MIDNIGHT + 6 * HOUR + day * DAY for day in range(lives)
    ]


@pytest.mark.slow
def test_a_real_worker_killed_at_any_moment_runs_each_export_once(company: Company) -> None:
    ids = [
        approved(
            company, f"Export {i}", f"select profile_id from profiles where profile_id < {i + 5}"
        )
        for i in range(4)
    ]
    kills, deadline = 0, time.monotonic() + 300
    while sum(run.state is RunState.DONE for run in runs.all(company.store, ME)) < len(ids):
        assert time.monotonic() < deadline, "waited in vain"
        process.ensure(company.settings)
        if kills < 6:
            time.sleep(0.12 + 0.17 * kills)
            company.kill_worker()
            kills += 1
        else:
            time.sleep(0.2)
    for export in ids:
        (run,) = runs.all(company.store, ME, export=export)
        assert (run.trigger, run.state) == ("missed", RunState.DONE)
        (once,) = fired(company, export)
        assert once.plan_id == run.plan_id
