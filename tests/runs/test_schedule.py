"""The schedule at work: what comes due is fired once, measured, and run or stopped."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.config import Office, schedule
from lib.runs import attempts, desk, orders, process, rails, stages
from lib.runs.schedule import WHY
from lib.runs.stages import Shop
from lib.store import (
    Store,
    connections,
    consent,
    exports,
    firings,
    open_store,
    plans,
    progress,
    refresh,
    rules,
    runs,
    segments,
)
from lib.store.acts import MACHINE
from lib.store.guard import Guard
from lib.store.plans import PlanState
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


def give_up(company: Company, export_id: str) -> None:
    """End every attempt that was begun, as its plan does not matter."""
    for plan in plans.ordered(company.store, ME):
        plans.fail(company.store, plan.id, "Enough.")
        attempts.decide(company.store, company.settings, plan.id)


def attempts_of(company: Company, export_id: str) -> list[tuple[str, str, str]]:
    """Return trigger, state and message of every run of an export, oldest first."""
    found = runs.all(company.store, ME, export=export_id)
    return [(run.trigger, run.state, run.message) for run in reversed(found)]


@pytest.fixture
def here(company: Company) -> Company:
    """Return the company with its connection made long ago."""
    return company


def test_what_is_due_fires_once_however_often_one_looks(here: Company) -> None:
    export = approved(here, "News")
    six = MIDNIGHT + 6 * HOUR
    assert [look(here, six - timedelta(seconds=1)), look(here, six), look(here, six + HOUR)] == [
        0,
        1,
        0,
    ]
    (plan,) = plans.ordered(here.store, ME)
    assert (plan.export_id, plan.trigger, plan.made_by) == (export, "refresh", ME.email)


def test_what_was_missed_runs_once_and_says_so(here: Company) -> None:
    export = approved(here, "News")
    assert look(here, MIDNIGHT + 3 * DAY + 7 * HOUR) == 1
    (plan,) = plans.ordered(here.store, ME)
    assert plan.trigger == "missed"
    note = firings.note_of(here.store, plan.id)
    assert "2026-03-04 06:00" in note and "3 times before" in note
    give_up(here, export)
    ((trigger, state, message),) = attempts_of(here, export)
    assert (trigger, state) == ("missed", RunState.FAILED)
    assert message.startswith(note) and message.endswith("Enough.")
    assert look(here, MIDNIGHT + 3 * DAY + 8 * HOUR) == 0
    assert look(here, MIDNIGHT + 4 * DAY + 6 * HOUR) == 1


def test_two_workers_that_look_at_once_fire_once(here: Company) -> None:
    for number in range(5):
        approved(here, f"Export {number}")
    six = MIDNIGHT + 6 * HOUR
    began = threading.Barrier(2)

    def be_a_worker() -> None:
        with open_store(here.settings, clock=lambda: six) as store:
            began.wait()
            attempts.look(store, here.settings)

    both = [threading.Thread(target=be_a_worker) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    made = plans.ordered(here.store, ME)
    assert len({plan.export_id for plan in made}) == len(made) == 5


def test_what_was_set_or_switched_on_later_was_not_missed(here: Company) -> None:
    export = approved(here, "News")
    noon = MIDNIGHT + 12 * HOUR
    with at(here.store, noon) as store:
        rules.set_schedule(store, ME, ["News"], "30 6 * * *")
    assert look(here, noon + HOUR) == 0
    with at(here.store, noon + DAY) as store:
        exports.edit(store, ME, "News", active=False)
    with at(here.store, noon + 3 * DAY) as store:
        exports.edit(store, ME, "News", active=True)
    assert look(here, noon + 3 * DAY + HOUR) == 0
    with at(here.store, noon + 4 * DAY) as store:
        refresh.put(store, ME, "0 9 * * *")
        rules.set_schedule(store, ME, ["News"], "")
    assert look(here, noon + 4 * DAY + HOUR) == 0
    assert look(here, noon + 5 * DAY) == 1
    assert [firing.plan_id is None for firing in firings.of_export(here.store, ME, export)] == [
        False
    ]


@pytest.mark.parametrize("why", ["consent", "rules", "user"])
def test_what_is_forbidden_lets_its_moment_pass_and_says_why(here: Company, why: str) -> None:
    export = approved(here, "News")
    six = MIDNIGHT + 6 * HOUR
    settings = here.settings
    with at(here.store, six - HOUR) as store:
        if why == "consent":
            consent.withdraw(store, ME, "Practice")
        elif why == "rules":
            rules.withdraw_rules(store, ME, "News")
        else:
            connections.edit(store, ME, "Practice", export_user="gone@muster.test")
            here.settings = settings.model_copy(update={"administrators": ("ada@muster.test",)})
    assert look(here, six) == 0
    (passed,) = firings.of_export(here.store, ME, export)
    assert passed.note == WHY[why]
    here.settings = settings
    with at(here.store, six + HOUR) as store:
        consent.agree(store, ME, "Practice")
        rules.approve_rules(store, ME, "News")
    assert look(here, six + 2 * HOUR) == 0, "what was forbidden then is not made up for"
    assert look(here, six + DAY) == 1


def test_detached_and_off_never_come_due(here: Company) -> None:
    approved(here, "Off")
    approved(here, "Detached")
    rules.set_schedule(here.store, ME, ["Off"], "off")
    exports.detach(here.store, ME, "Detached")
    assert look(here, datetime.now(UTC) + 3 * DAY) == 0


def worked(company: Company, export_id: str, **more: object) -> Run:
    """Have a worker make up for what is due, and return the run when it is over."""
    company.work()
    until(lambda: bool(runs.all(company.store, ME, export=export_id)))
    (run,) = runs.all(company.store, ME, export=export_id)
    return company.end(run.id)


def test_a_worker_makes_up_for_what_was_missed_and_the_history_says_so(here: Company) -> None:
    export = approved(here, "News")
    run = worked(here, export)
    assert (run.state, run.trigger, run.requested_by) == (RunState.DONE, "missed", MACHINE)
    assert "no worker was there" in run.message
    assert run.outcomes["added"] == here.members() == 1000
    (stands,) = schedule.overview(Office(here.settings, here.store, ME))
    assert stands.last_run == run
    assert stands.next_run is not None and stands.next_run > datetime.now(UTC)


def test_a_guard_rail_stops_before_sending_and_a_person_decides(here: Company) -> None:
    export = approved(here, "News", guard=Guard(most_added=999))
    run = worked(here, export)
    assert (run.state, run.rail, here.members()) == (RunState.STOPPED, "most_added", 0)
    assert "1,000" in run.message and "999" in run.message
    plan = plans.newest(here.store, ME, "News")
    assert plan is not None and plan.approved_by is None
    again = desk.approve_and_start(
        here.store, here.settings, ME, plan.id, fingerprint=plan.fingerprint
    )
    assert again.id == run.id
    assert (here.end(run.id).state, here.members()) == (RunState.DONE, 1000)


def test_the_deviation_from_the_last_run_stops_an_export_that_lost_its_people(
    here: Company,
) -> None:
    export = approved(here, "News")
    worked(here, export)
    segments.edit(here.store, ME, "Segment of News", sql=f"{FEW} and profile_id < 400")
    rules.approve_rules(here.store, ME, "News")
    office = Office(here.settings, here.store, ME)
    ((name, _),) = [(one.name, one.plan_id) for one in schedule.refresh_now(office).started]
    assert name == "News"
    until(lambda: len(runs.all(here.store, ME, export=export)) == 2)
    newest = runs.newest(here.store, ME)[export]
    assert (newest.state, newest.rail) == (RunState.STOPPED, "most_deviation_percent")
    assert (newest.trigger, newest.outcomes["unchanged"]) == ("refresh", 400)


def test_rejections_stop_a_run_on_its_way_and_a_person_lets_it_go_on(here: Company) -> None:
    here.admin("faults", faults=["reject-address=0.4"])
    here.slow_down(0.15)
    here.few_connections()
    export = approved(here, "News", "select profile_id from profiles")
    run = worked(here, export)
    assert (run.state, run.rail) == (RunState.STOPPED, "most_rejected_percent")
    assert rails.ENOUGH <= run.sent < PROFILES
    assert run.outcomes["not_sent"] > 0
    assert sum(run.outcomes.values()) == PROFILES
    here.admin("faults", faults=[])
    here.slow_down(0)
    desk.resume(here.store, here.settings, ME, run.id)
    ended = here.end(run.id)
    assert (ended.state, ended.outcomes["not_sent"]) == (RunState.DONE, 0)


def test_a_plan_that_cannot_be_made_is_a_run_that_failed(here: Company) -> None:
    export = approved(here, "News")
    here.table.unlink()
    run = worked(here, export)
    assert run.state is RunState.FAILED
    assert "profiles" in run.message


def test_over_the_contract_it_fails_as_it_would_for_a_person(here: Company) -> None:
    export = approved(here, "News")
    connections.set_contract_limit(here.store, ME, "Practice", 10)
    connections.edit(here.store, ME, "Practice", contract_blocks=True)
    run = worked(here, export)
    assert (run.state, here.members()) == (RunState.FAILED, 0)
    assert "contract" in run.message


def test_over_the_limit_it_fails_and_no_rail_asks_for_a_yes_that_nobody_can_give(
    here: Company,
) -> None:
    export = approved(here, "News", guard=Guard(most_added=1))
    here.settings = here.settings.model_copy(update={"export_limit": 600})
    look(here, datetime.now(UTC))
    (plan,) = plans.ordered(here.store, ME)
    assert stages.plan(Shop(here.store, here.settings), plan.id)
    attempts.decide(here.store, here.settings, plan.id)
    (run,) = runs.all(here.store, ME, export=export)
    assert (run.state, run.rail) == (RunState.FAILED, "")
    assert "400" in run.message


def test_what_a_person_runs_at_the_moment_is_not_overlapped(here: Company) -> None:
    export = approved(here, "News")
    plan = desk.plan_here(here.store, here.settings, ME, "News")
    plans.approve(here.store, ME, plan.id)
    mine = progress.request(here.store, ME, plan.id)
    assert look(here, datetime.now(UTC)) == 0
    (passed,) = firings.of_export(here.store, ME, export)
    assert "not over" in passed.note
    (stands,) = schedule.overview(Office(here.settings, here.store, ME))
    assert (stands.last_run, stands.last_firing) == (mine, passed)


def test_who_reads_the_profiles_is_the_export_user(here: Company) -> None:
    approved(here, "News")
    connections.edit(here.store, ME, "Practice", export_user="cora@muster.test", shared=False)
    assert look(here, datetime.now(UTC)) == 1
    (plan,) = plans.ordered(here.store, ME)
    assert plan.made_by == "cora@muster.test"
    settings = here.settings.model_copy(update={"contributors": ("cora@muster.test",)})
    assert not stages.plan(Shop(here.store, settings), plan.id)
    failed = plans.get(here.store, ME, plan.id)
    assert (failed.state, "export user" in failed.message) == (PlanState.FAILED, True)


def test_an_attempt_that_a_person_gives_up_has_failed_and_says_who(here: Company) -> None:
    export = approved(here, "News")
    assert look(here, datetime.now(UTC)) == 1
    (plan,) = plans.ordered(here.store, ME)
    desk.abandon(here.store, ME, plan.id)
    assert not stages.plan(Shop(here.store, here.settings), plan.id)
    attempts.decide(here.store, here.settings, plan.id)
    ((trigger, state, message),) = attempts_of(here, export)
    assert (trigger, state) == ("missed", RunState.FAILED)
    assert message.endswith("gave this plan up.")


def test_a_schedule_of_an_older_version_that_is_none_hinders_its_export_only(
    here: Company,
) -> None:
    approved(here, "Old")
    approved(here, "New")
    with here.store.write() as db:
        db.exec_driver_sql("UPDATE exports SET schedule = 'hourly' WHERE name = 'Old'")
    assert look(here, MIDNIGHT + 6 * HOUR) == 1
    stands = {
        one.export.name: one.hindrance
        for one in schedule.overview(Office(here.settings, here.store, ME))
    }
    assert stands == {"New": "", "Old": "cron"}


def test_a_time_zone_that_there_is_not_is_said_and_loses_nothing(
    here: Company, caplog: pytest.LogCaptureFixture
) -> None:
    approved(here, "News")
    wrong = here.settings.model_copy(update={"time_zone": "Europe/Bergen"})
    with attempts.watch(here.store, wrong):
        until(lambda: "MUSTER_TIME_ZONE" in caplog.text)
    assert look(here, datetime.now(UTC)) == 1


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


def test_killed_between_any_two_steps_a_moment_fires_once_and_is_not_lost(here: Company) -> None:
    export = approved(here, "News", "select profile_id from profiles where profile_id < 3")
    now, lives = MIDNIGHT + 6 * HOUR, 1
    while True:
        died = False
        with at(here.store, now):
            try:
                live(Mortal(here.store, lives), here)
            except Killed:
                died = True
            live(here.store, here)
            live(here.store, here)
        (run,) = runs.live(here.store, ME)
        assert (run.trigger, run.state) == ("refresh", RunState.QUEUED)
        made = [plan for plan in plans.of_export(here.store, ME, "News") if plan.made_at >= now]
        assert len(made) == 1
        progress.cancel(here.store, ME, run.id)
        if not died:
            break
        now, lives = now + DAY, lives + 1
    assert lives > 3, "firing, plan and run are a transaction each"
    days = firings.of_export(here.store, ME, export)
    assert [one.due_at for one in reversed(days)] == [
        MIDNIGHT + 6 * HOUR + day * DAY for day in range(lives)
    ]


@pytest.mark.slow
def test_a_real_worker_killed_at_any_moment_runs_each_export_once(here: Company) -> None:
    ids = [
        approved(here, f"Export {i}", f"select profile_id from profiles where profile_id < {i + 5}")
        for i in range(4)
    ]
    kills, deadline = 0, time.monotonic() + 90
    while sum(run.state is RunState.DONE for run in runs.all(here.store, ME)) < len(ids):
        assert time.monotonic() < deadline, "waited in vain"
        process.ensure(here.settings)
        if kills < 6:
            time.sleep(0.12 + 0.17 * kills)
            here.kill_worker()
            kills += 1
        else:
            time.sleep(0.2)
    for export in ids:
        (run,) = runs.all(here.store, ME, export=export)
        assert (run.trigger, run.state) == ("missed", RunState.DONE)
        (fired,) = firings.of_export(here.store, ME, export)
        assert fired.plan_id == run.plan_id
