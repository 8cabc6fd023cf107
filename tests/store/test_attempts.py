"""Attempts: a moment fires once, is planned, and ends in one run whatever happens in between."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lib.access import Person
from lib.contacts.matching import Matching
from lib.errors import (
    InUseError,
    NotApprovedError,
    NotFoundError,
    OverLimitError,
    RefusedError,
)
from lib.store import Store, attempts, audit, exports, firings, plans, progress, rules, runs
from lib.store.acts import MACHINE
from lib.store.export_record import Export
from lib.store.firings import Firing
from lib.store.plans import Plan
from lib.store.runs import RunState

if TYPE_CHECKING:
    from tests.store.conftest import World

DUE = datetime(2026, 3, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def export(store: Store, world: "World", admin: Person) -> Export:
    world.export()
    return rules.approve_rules(store, admin, "Weekly")


def fire(store: Store, export: Export, at: datetime = DUE, note: str = "") -> Firing | None:
    return attempts.begin(store, export.id, at, trigger="schedule", by="ada", note=note)


def ready(store: Store, fired: Firing | None, over: int = 0) -> Plan:
    assert fired is not None and fired.plan_id is not None
    fates = {"added": 900, "updated": 90, "invalid": 10}
    counts = {"fates": fates, "contacts": 1000, "over_limit": over}
    return plans.finish(store, fired.plan_id, counts=counts, fingerprint="print", directory="d")


def test_a_moment_fires_once_and_its_plan_is_an_order(
    store: Store, export: Export, admin: Person
) -> None:
    fired = fire(store, export)
    assert fired is not None
    (plan,) = plans.ordered(store, admin)
    assert (plan.id, plan.trigger, plan.made_by) == (fired.plan_id, "schedule", "ada")
    assert fire(store, export) is None
    assert fire(store, export, DUE - HOUR) is None
    assert len(plans.of_export(store, admin, "Weekly")) == 1


def test_no_attempt_overlaps_another_or_a_run_of_any_kind(
    store: Store, export: Export, admin: Person
) -> None:
    first = fire(store, export)
    while_making = fire(store, export, DUE + HOUR)
    plan = ready(store, first)
    while_undecided = fire(store, export, DUE + 2 * HOUR)
    run = attempts.carry_out(store, plan.id)
    while_live = fire(store, export, DUE + 3 * HOUR)
    for busy in (while_making, while_undecided, while_live):
        assert busy is not None
        assert (busy.plan_id, busy.note) == (None, attempts.BUSY)
    assert firings.newest(store, admin)[export.id] == while_live
    progress.cancel(store, admin, run.id)
    after = fire(store, export, DUE + 4 * HOUR)
    assert after is not None and after.plan_id is not None


def test_the_rules_say_yes_on_the_word_of_whoever_approved_them(
    store: Store, export: Export, admin: Person
) -> None:
    plan = ready(store, fire(store, export))
    run = attempts.carry_out(store, plan.id)
    assert (run.state, run.trigger, run.requested_by) == (RunState.QUEUED, "schedule", MACHINE)
    assert (run.total, run.outcomes["invalid"]) == (990, 10)
    kept = plans.get(store, admin, plan.id)
    assert (kept.approved_by, kept.approved_fingerprint) == (admin.email, plan.fingerprint)
    verbs = [(e.verb, e.noun, e.who) for e in audit.entries(store, admin)][:2]
    assert verbs == [("asked for", "run", MACHINE), ("approved", "plan", MACHINE)]


def test_deciding_twice_makes_one_run(store: Store, export: Export, admin: Person) -> None:
    plan = ready(store, fire(store, export))
    assert [one.id for one in attempts.undecided(store)] == [plan.id]
    first = attempts.carry_out(store, plan.id)
    assert attempts.carry_out(store, plan.id) == first
    assert attempts.end(store, plan.id, RunState.FAILED, "late") == first
    assert attempts.undecided(store) == ()
    assert len(runs.all(store, admin)) == 1


def test_without_approved_rules_nothing_is_queued(
    store: Store, export: Export, admin: Person
) -> None:
    plan = ready(store, fire(store, export))
    rules.withdraw_rules(store, admin, "Weekly")
    with pytest.raises(NotApprovedError, match="rules"):
        attempts.carry_out(store, plan.id)
    rules.approve_rules(store, admin, "Weekly")
    exports.edit(store, admin, "Weekly", matching=Matching("other"))
    with pytest.raises(NotApprovedError, match="changed"):
        attempts.carry_out(store, plan.id)
    assert runs.all(store, admin) == ()


def test_over_the_limit_or_detached_or_busy_is_refused_as_for_a_person(
    store: Store, export: Export, world: "World", admin: Person
) -> None:
    plan = ready(store, fire(store, export), over=5)
    with pytest.raises(OverLimitError):
        attempts.carry_out(store, plan.id)
    attempts.give_up(store, plan.id, "Over.")
    other = ready(store, fire(store, export, DUE + HOUR))
    progress.request(store, admin, world.approved_again(export.id).id)
    with pytest.raises(InUseError):
        attempts.carry_out(store, other.id)
    attempts.give_up(store, other.id, "A run was under way.")
    assert attempts.undecided(store) == ()
    assert firings.newest(store, admin)[export.id].note == "A run was under way."


def test_a_stopped_attempt_is_a_run_that_goes_on_with_a_persons_yes(
    store: Store, export: Export, admin: Person
) -> None:
    plan = ready(store, fire(store, export, note="It was missed."))
    stopped = attempts.end(store, plan.id, RunState.STOPPED, "Too many.", "most_added")
    assert (stopped.state, stopped.rail) == (RunState.STOPPED, "most_added")
    assert stopped.message == "It was missed. Too many."
    assert stopped.finished_at is not None
    with pytest.raises(NotApprovedError, match="review page"):
        progress.resume(store, admin, stopped.id)
    plans.approve(store, admin, plan.id, fingerprint=plan.fingerprint)
    run = progress.request(store, admin, plan.id)
    assert (run.id, run.state, run.requested_by) == (stopped.id, RunState.QUEUED, admin.email)
    assert (run.trigger, run.message, run.rail) == ("schedule", "", "")
    with pytest.raises(InUseError):
        progress.request(store, admin, plan.id)


def test_a_run_that_a_rail_stopped_on_its_way_goes_on_on_a_persons_word(
    store: Store, export: Export, admin: Person
) -> None:
    run = attempts.carry_out(store, ready(store, fire(store, export)).id)
    progress.begin(store, run.id)
    progress.finish(store, run.id, RunState.STOPPED, "Rejected.", rail="most_rejected_percent")
    assert runs.get(store, admin, run.id).rail == "most_rejected_percent"
    resumed = progress.resume(store, admin, run.id)
    assert (resumed.requested_by, resumed.rail) == (admin.email, "")


def test_a_plan_that_could_not_be_made_fails_its_run_for_good(
    store: Store, export: Export, admin: Person
) -> None:
    fired = fire(store, export)
    assert fired is not None and fired.plan_id is not None
    plans.fail(store, fired.plan_id, "The warehouse is gone.")
    failed = attempts.end(store, fired.plan_id, RunState.FAILED, "The warehouse is gone.")
    assert (failed.total, failed.message) == (0, "The warehouse is gone.")
    with pytest.raises(NotApprovedError, match="make a new one"):
        progress.resume(store, admin, failed.id)


def test_an_attempt_at_an_export_that_was_removed_ends_all_the_same(
    store: Store, export: Export, admin: Person
) -> None:
    plan = ready(store, fire(store, export))
    exports.remove(store, admin, "Weekly")
    with pytest.raises(NotFoundError):
        attempts.carry_out(store, plan.id)
    ended = attempts.end(store, plan.id, RunState.FAILED, "Removed.")
    assert (ended.export_name, ended.connection_id) == ("Weekly", None)


def test_a_detached_export_does_not_run(store: Store, export: Export, admin: Person) -> None:
    plan = ready(store, fire(store, export))
    exports.detach(store, admin, "Weekly")
    rules.approve_rules(store, admin, "Weekly")
    with pytest.raises((RefusedError, NotApprovedError)):
        attempts.carry_out(store, plan.id)


def test_what_the_last_run_was_about_is_that_of_the_last_one_done(
    store: Store, export: Export, admin: Person
) -> None:
    assert attempts.before(store, export.id) is None
    run = attempts.carry_out(store, ready(store, fire(store, export)).id)
    progress.begin(store, run.id)
    progress.settle(store, run.id, {"added": 900, "updated": 70, "rejected": 20, "invalid": 10})
    assert attempts.before(store, export.id) is None
    progress.finish(store, run.id, RunState.DONE)
    plan = ready(store, fire(store, export, DUE + HOUR))
    attempts.end(store, plan.id, RunState.STOPPED, "Stopped.", "most_added")
    assert attempts.before(store, export.id) == attempts.Before(contacts=1000, rejected=20)


def test_old_firings_are_forgotten_but_the_last_of_each_export(
    store: Store, export: Export, admin: Person
) -> None:
    for hours in range(3):
        attempts.skip(store, export.id, DUE + hours * HOUR, "Why.")
    assert attempts.skip(store, export.id, DUE, "Again.") is None
    assert firings.forget(store, DUE + 10 * HOUR) == 2
    assert firings.newest(store, admin)[export.id].due_at == DUE + 2 * HOUR
