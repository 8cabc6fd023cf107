from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access import Person
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.errors import (
    ForbiddenError,
    InputError,
    InUseError,
    NameTakenError,
    NotApprovedError,
    NotFoundError,
)
from lib.store import Store, connections, exports, plans, progress, runs, segments, wire
from lib.store.runs import RunState

if TYPE_CHECKING:
    from tests.store.conftest import World

MATCHING = Matching("email", (FieldMatch("FNAME", "first_name", keep_filled=True),))


@given(st.from_type(Matching))
def test_data_matching_survives_the_store(matching: Matching) -> None:
    assert wire.matching_from(wire.from_matching(matching)) == matching


@given(st.from_type(Options))
def test_options_survive_the_store(options: Options) -> None:
    assert wire.options_from(wire.from_options(options)) == options


def test_options_of_another_version_are_read_as_far_as_they_go() -> None:
    assert wire.options_from({"tag_segments": False, "of_the_future": 1}) == Options(
        tag_segments=False
    )


def test_an_export_is_kept_whole(store: Store, world: "World", admin: Person) -> None:
    world.connection("Main")
    for name in ("B", "A"):
        segments.add(store, admin, name=name, sql="SELECT 1")
    made = exports.add(
        store,
        admin,
        name="Weekly",
        connection="main",
        audience_id="a1",
        audience_name="News",
        matching=MATCHING,
        options=Options(tag_segments=False),
        segments=["b", "a", "B"],
        schedule="0 6 * * 1",
    )
    assert made == exports.get(store, admin, "weekly") == exports.all(store, admin)[0]
    assert made.matching == MATCHING and not made.options.tag_segments
    chosen = [segments.get(store, admin, one).name for one in made.segment_ids]
    assert chosen == ["B", "A"]
    assert (made.connection_name, made.schedule, made.active) == ("Main", "0 6 * * 1", True)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"name": ""}, (InputError, "name")),
        ({"audience_id": " "}, (InputError, "audience")),
        ({"matching": Matching(" ")}, (InputError, "email")),
        ({"segments": []}, (InputError, "segment")),
        ({"segments": ["nothing"]}, (NotFoundError, "segment")),
        ({"connection": "nothing"}, (NotFoundError, "connection")),
        ({"name": "OTHER"}, (NameTakenError, "export")),
    ],
)
def test_what_cannot_be_an_export_is_refused_and_nothing_changes(
    store: Store,
    world: "World",
    admin: Person,
    change: dict[str, Any],
    refusal: tuple[type[Exception], str],
) -> None:
    world.export("Other")
    before = world.export("Weekly")
    kind, says = refusal
    with pytest.raises(kind, match=says):
        exports.edit(store, admin, "Weekly", **change)
    whole = {
        "name": "New",
        "connection": before.connection_id,
        "audience_id": "a",
        "matching": MATCHING,
        "segments": before.segment_ids,
    }
    with pytest.raises(kind, match=says):
        exports.add(store, admin, **(whole | change))
    assert exports.get(store, admin, "Weekly") == before
    assert len(exports.all(store, admin)) == 2


def test_a_duplicate_has_everything_but_is_switched_off(
    store: Store, world: "World", admin: Person
) -> None:
    first = world.export("Weekly")
    copy = exports.duplicate(store, admin, "Weekly", "Monthly")
    assert not copy.active
    for name in ("connection_id", "audience_id", "matching", "options", "segment_ids"):
        assert getattr(copy, name) == getattr(first, name)


def test_detaching_keeps_the_rest_until_it_is_attached_again(
    store: Store, world: "World", admin: Person
) -> None:
    first = world.export("Weekly")
    detached = exports.detach(store, admin, "Weekly")
    assert (detached.connection_id, detached.active) == (None, False)
    assert detached.matching == first.matching
    with pytest.raises(InputError, match="attach"):
        exports.duplicate(store, admin, "Weekly", "Copy")
    other = world.connection("Other")
    attached = exports.attach(store, admin, "Weekly", "other")
    assert (attached.connection_id, attached.active) == (other.id, True)


def test_a_detached_export_is_not_switched_on(store: Store, world: "World", admin: Person) -> None:
    world.export("Weekly")
    exports.detach(store, admin, "Weekly")
    with pytest.raises(InputError, match="attach"):
        exports.edit(store, admin, "Weekly", active=True)
    assert not exports.edit(store, admin, "Weekly", name="Sunday").active


def test_a_detached_export_is_for_those_who_could_use_its_connection(
    store: Store, world: "World", admin: Person, contributor: Person
) -> None:
    world.export("Open", shared=True)
    closed = world.export("Closed", shared=False)
    world.connection("Other")
    for name in ("Open", "Closed"):
        exports.detach(store, admin, name)
        connections.remove(store, admin, f"To {name}")
    acts: list[Callable[[str], object]] = [
        lambda name: exports.edit(store, contributor, name, schedule="off"),
        lambda name: exports.detach(store, contributor, name),
        lambda name: exports.attach(store, contributor, name, "Other"),
        lambda name: exports.remove(store, contributor, name),
    ]
    for act in acts:
        act("Open")
        with pytest.raises(ForbiddenError, match="taken away from the export “Closed”"):
            act("Closed")
    assert exports.get(store, contributor, closed.id) == exports.get(store, admin, "Closed")
    exports.remove(store, admin, "Closed")


def test_a_run_under_way_keeps_connection_and_export_in_place(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run("Weekly")
    world.connection("Other")
    for act in (
        lambda: exports.detach(store, admin, "Weekly"),
        lambda: exports.attach(store, admin, "Weekly", "Other"),
        lambda: exports.edit(store, admin, "Weekly", audience_id="other"),
        lambda: exports.remove(store, admin, "Weekly"),
    ):
        with pytest.raises(InUseError, match="running"):
            act()
    exports.edit(store, admin, "Weekly", name="Sunday", schedule="off")
    progress.cancel(store, admin, run.id)
    exports.detach(store, admin, "Sunday")


def test_removing_keeps_the_runs_under_the_name(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run("Weekly")
    progress.cancel(store, admin, run.id)
    exports.remove(store, admin, "Weekly")
    (kept,) = runs.all(store, admin)
    assert (kept.export_name, kept.state) == ("Weekly", RunState.CANCELLED)
    with pytest.raises(NotFoundError):
        progress.resume(store, admin, run.id)


def test_only_what_alters_the_contacts_puts_plans_out_of_date(
    store: Store, world: "World", admin: Person
) -> None:
    export = world.export("Weekly")
    plan = world.plan(export)
    exports.edit(store, admin, "Weekly", name="Sunday", schedule="off", active=False)
    plans.approve(store, admin, plan.id)
    exports.edit(store, admin, "Sunday", matching=Matching("other_email"))
    with pytest.raises(NotApprovedError, match="changed"):
        plans.approve(store, admin, plan.id)
    with pytest.raises(NotApprovedError, match="changed"):
        progress.request(store, admin, plan.id)


def test_contributors_manage_exports_on_shared_connections_only(
    store: Store, world: "World", contributor: Person, admin: Person
) -> None:
    world.export("Open", shared=True)
    hidden = world.export("Closed", shared=False)
    assert len(exports.all(store, contributor)) == 2
    exports.edit(store, contributor, "Open", name="Opened")
    plan = world.plan(hidden)
    approved = world.plan(hidden)
    plans.approve(store, admin, approved.id)
    for act in (
        lambda: exports.edit(store, contributor, "Closed", name="x"),
        lambda: exports.edit(store, contributor, "Opened", connection="To Closed"),
        lambda: exports.duplicate(store, contributor, "Closed", "x"),
        lambda: exports.detach(store, contributor, "Closed"),
        lambda: exports.attach(store, contributor, "Opened", "To Closed"),
        lambda: exports.remove(store, contributor, "Closed"),
        lambda: plans.begin(store, contributor, "Closed"),
        lambda: plans.approve(store, contributor, plan.id),
        lambda: progress.request(store, contributor, approved.id),
    ):
        with pytest.raises(ForbiddenError, match="not shared"):
            act()
