"""Rules: schedules, guard rails, and a person's word that an export may run by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access import Person, Role
from lib.contacts.matching import Matching
from lib.errors import ForbiddenError, InputError, NotApprovedError
from lib.store import Store, audit, exports, firings, guard, refresh, rules, segments, timetable
from lib.store.acts import MACHINE
from lib.store.guard import Guard

if TYPE_CHECKING:
    from tests.store.conftest import World

Deed = Callable[[Store, Person], object]
rails = st.builds(
    Guard,
    st.none() | st.integers(0, 10**7),
    st.none() | st.integers(0, 10**7),
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 10_000),
)


@given(rails)
def test_guard_rails_survive_the_store(given: Guard) -> None:
    assert guard.read(guard.written(guard.checked(given))) == given


@pytest.mark.parametrize(
    "wrong",
    [
        Guard(most_added=-1),
        Guard(most_rejected_percent=101),
        Guard(most_deviation_percent=float("nan")),
    ],
)
def test_rails_that_mean_nothing_are_refused(
    store: Store, world: "World", admin: Person, wrong: Guard
) -> None:
    world.export()
    with pytest.raises(InputError):
        rules.set_guard(store, admin, "Weekly", wrong)


def test_an_export_has_the_usual_rails_until_somebody_chooses(
    store: Store, world: "World", admin: Person
) -> None:
    assert world.export().guard == guard.USUAL
    chosen = Guard(most_added=5)
    assert rules.set_guard(store, admin, "Weekly", chosen).guard == chosen
    assert exports.duplicate(store, admin, "Weekly", "Copy").guard == chosen


def test_rules_are_approved_by_a_person_and_audited(
    store: Store, world: "World", admin: Person
) -> None:
    assert not world.export().rules_approved
    approved = rules.approve_rules(store, admin, "Weekly", revision=1)
    assert approved.rules_approved and not approved.rules_lapsed
    assert approved.rules_approved_by == admin.email
    (entry, *_) = audit.entries(store, admin, noun="export")
    assert (entry.verb, entry.who) == ("approved the rules of", admin.email)
    machine = Person(MACHINE, "The worker", Role.ADMINISTRATOR)
    with pytest.raises(ForbiddenError, match="person"):
        rules.approve_rules(store, machine, "Weekly")


@pytest.mark.parametrize(
    "change",
    [
        lambda s, w: exports.edit(s, w, "Weekly", matching=Matching("other")),
        lambda s, w: rules.set_guard(s, w, "Weekly", Guard()),
        lambda s, w: segments.edit(s, w, "In Weekly", sql="SELECT 2 AS profile_id"),
    ],
    ids=["content", "rails", "segment"],
)
def test_a_change_of_what_was_approved_lets_it_lapse_visibly(
    store: Store, world: "World", admin: Person, change: Deed
) -> None:
    world.export()
    rules.approve_rules(store, admin, "Weekly")
    change(store, admin)
    now = exports.get(store, admin, "Weekly")
    assert (now.rules_approved, now.rules_lapsed, now.rules_approved_by) == (
        False,
        True,
        admin.email,
    )
    assert rules.approve_rules(store, admin, "Weekly").rules_approved


def test_name_and_schedule_do_not_touch_the_approval(
    store: Store, world: "World", admin: Person
) -> None:
    world.export()
    rules.approve_rules(store, admin, "Weekly")
    exports.edit(store, admin, "Weekly", name="Sunday", schedule="0 6 * * *", active=False)
    assert exports.get(store, admin, "Sunday").rules_approved
    withdrawn = rules.withdraw_rules(store, admin, "Sunday")
    assert not withdrawn.rules_approved and not withdrawn.rules_lapsed


def test_what_was_changed_since_it_was_looked_at_is_not_approved(
    store: Store, world: "World", admin: Person
) -> None:
    before = world.export()
    exports.edit(store, admin, "Weekly", matching=Matching("other"))
    with pytest.raises(NotApprovedError, match="changed"):
        rules.approve_rules(store, admin, "Weekly", revision=before.revision)


def test_several_exports_get_one_schedule_or_keep_their_own(
    store: Store, world: "World", admin: Person
) -> None:
    for name in ("A", "B", "C"):
        world.export(name)
    rules.set_schedule(store, admin, ["A"], "0 5 * * *")
    rules.set_schedule(store, admin, ["B"], "off")
    kept = rules.set_schedule(store, admin, ["A", "B", "C"], " 0  6 * * MON ", override=False)
    assert [one.schedule for one in kept] == ["0 5 * * *", "off", "0 6 * * mon"]
    all_ = rules.set_schedule(store, admin, ["A", "B", "C"], "")
    assert [one.follows for one in all_] == [True] * 3


def test_a_schedule_that_cannot_be_kept_changes_none_of_them(
    store: Store, world: "World", admin: Person, contributor: Person
) -> None:
    world.export("A")
    world.export("B", shared=False)
    for bad in ("soon", "0 0 30 2 *", "* * * * *"):
        with pytest.raises(InputError):
            rules.set_schedule(store, admin, ["A"], bad)
        with pytest.raises(InputError):
            exports.edit(store, admin, "A", schedule=bad)
    with pytest.raises(ForbiddenError, match="not shared"):
        rules.set_schedule(store, contributor, ["A", "B"], "off")
    assert [one.schedule for one in exports.all(store, admin)] == ["", ""]


def test_the_refresh_is_chosen_once_and_keeps_the_moment_of_its_choice(
    store: Store, admin: Person
) -> None:
    assert refresh.get(store) == refresh.Refresh()
    chosen = refresh.put(store, admin, "@daily")
    assert (chosen.cron, chosen.by) == ("0 0 * * *", admin.email)
    assert refresh.put(store, admin, "0 0 * * *") == chosen
    assert refresh.put(store, admin, "").cron == ""


def test_only_what_is_switched_on_has_a_turn_and_that_since_its_last_change(
    store: Store, world: "World", admin: Person
) -> None:
    export, begin = world.export(), datetime.now(UTC)
    (turn,) = timetable.turns(store)
    assert (turn.export_id, turn.schedule) == (export.id, "")
    rules.set_schedule(store, admin, ["Weekly"], "off")
    assert timetable.turns(store) == ()
    store.clock = lambda: begin + timedelta(hours=1)
    rules.set_schedule(store, admin, ["Weekly"], "0 6 * * *")
    (turn,) = timetable.turns(store)
    assert turn.since == begin + timedelta(hours=1)
    exports.edit(store, admin, "Weekly", active=False)
    assert timetable.turns(store) == ()
    store.clock = lambda: begin + timedelta(hours=2)
    exports.edit(store, admin, "Weekly", active=True)
    exports.edit(store, admin, "Weekly", name="Renamed")
    (turn,) = timetable.turns(store)
    assert turn.since == begin + timedelta(hours=2)
    assert firings.newest(store, admin) == {}


def test_several_are_switched_all_or_none_and_a_detached_one_not_on(
    store: Store, world: "World", admin: Person
) -> None:
    world.export("A")
    world.export("B")
    exports.detach(store, admin, "B")
    assert [one.active for one in rules.switch(store, admin, ["A", "B"], active=False)] == [
        False,
        False,
    ]
    with pytest.raises(InputError, match="no connection"):
        rules.switch(store, admin, ["A", "B"], active=True)
    assert not exports.get(store, admin, "A").active
    assert rules.switch(store, admin, ["A"], active=True)[0].active
