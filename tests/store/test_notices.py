"""One notice for each change of state: whatever runs end in whatever order."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.access import Person
from lib.store import channels, exports, notices, progress
from lib.store.runs import RunState
from lib.store.tables import runs

if TYPE_CHECKING:
    from tests.store.conftest import World

ENDS = ("ok", "failed", "stopped", "interrupted", "rejections", "cancelled", "undo")


class Desk:
    """Lets runs of one export end as a test wants, and tells what that gave to tell."""

    def __init__(self, world: "World", admin: Person, name: str = "Weekly") -> None:
        self.world, self.store, self.admin = world, world.store, admin
        self.export = world.export(name)

    def end(self, how: str, message: str = "Said so.") -> str:
        """End a run, as a worker does."""
        plan = self.world.approved(exports.get(self.store, self.admin, self.export.id))
        run = progress.request(self.store, self.admin, plan.id)
        if how == "cancelled":
            progress.cancel(self.store, self.admin, run.id)
            return run.id
        if how != "stopped":
            progress.begin(self.store, run.id)
        with self.store.write() as db:
            marks = {"undoes": "run_x"} if how == "undo" else {}
            if marks:
                db.execute(runs.update().where(runs.c.id == run.id).values(marks))
        rejected = 3 if how == "rejections" else 0
        progress.settle(self.store, run.id, {"added": 900, "rejected": rejected})
        state = {"failed": RunState.FAILED, "undo": RunState.FAILED,
                 "stopped": RunState.STOPPED, "interrupted": RunState.STOPPED}  # fmt: skip
        rail = "most_added" if how == "stopped" else ""
        progress.finish(self.store, run.id, state.get(how, RunState.DONE), message, rail=rail)
        return run.id

    def told(self) -> list[str]:
        """Settle, and list all events so far, oldest first."""
        notices.settle(self.store)
        return [one.event for one in reversed(notices.log(self.store, self.admin, limit=1000))]


@pytest.fixture
def desk(world: "World", admin: Person) -> Desk:
    channels.add(world.store, admin, name="Ops", kind="mail", target="ops@muster.test")
    return Desk(world, admin)


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("ok", ""),
        ("failed", "failed"),
        ("failed failed failed", "failed"),
        ("failed ok", "failed recovered"),
        ("failed rejections stopped interrupted ok",
         "failed rejections stopped interrupted recovered"),
        ("failed cancelled failed", "failed"),
        ("ok undo ok", ""),
        ("failed undo ok", "failed recovered"),
        ("ok ok failed ok failed", "failed recovered failed"),
    ],
)  # fmt: skip
def test_each_change_of_state_is_told_once(desk: Desk, ends: str, told: str) -> None:
    for how in ends.split():
        desk.end(how)
        desk.told()
        desk.told()
    assert desk.told() == told.split()


def test_what_ended_while_nobody_looked_is_told_in_order(desk: Desk) -> None:
    for how in ("failed", "ok", "rejections"):
        desk.end(how)
    assert desk.told() == ["failed", "recovered", "rejections"]


def test_a_run_that_is_resumed_and_ends_well_is_told_as_recovered(
    desk: Desk, admin: Person
) -> None:
    run_id = desk.end("failed")
    assert desk.told() == ["failed"]
    progress.resume(desk.store, admin, run_id)
    assert desk.told() == ["failed"]
    progress.begin(desk.store, run_id)
    progress.finish(desk.store, run_id, RunState.DONE)
    assert desk.told() == ["failed", "recovered"]


def test_exports_do_not_speak_for_each_other(desk: Desk, world: "World", admin: Person) -> None:
    other = Desk(world, admin, "Other")
    desk.end("failed")
    other.end("ok")
    assert desk.told() == ["failed"]


def test_a_notice_holds_the_facts_of_its_moment(desk: Desk, admin: Person) -> None:
    run_id = desk.end("rejections", "7 contacts moved.")
    desk.told()
    (told,) = notices.log(desk.store, admin)
    assert (told.run_id, told.channel_name, told.kind) == (run_id, "Ops", "mail")
    assert told.body["export"] == "Weekly"
    assert told.body["reason"] == "7 contacts moved."
    assert (told.body["outcomes"]["added"], told.body["outcomes"]["rejected"]) == (900, 3)


def test_a_channel_hears_nothing_of_what_was_before_it_or_while_it_is_off(
    desk: Desk, admin: Person
) -> None:
    desk.end("failed")
    channels.add(desk.store, admin, name="Late", kind="mail", target="late@muster.test")
    channels.add(desk.store, admin, name="Off", kind="mail", target="off@muster.test", active=False)
    desk.told()
    assert [one.channel_name for one in notices.log(desk.store, admin)] == ["Ops"]


def test_what_waits_for_a_channel_is_dropped_when_it_is_switched_off(
    desk: Desk, admin: Person
) -> None:
    desk.end("failed")
    desk.told()
    channels.switch(desk.store, admin, "Ops", active=False)
    channels.switch(desk.store, admin, "Ops", active=True)
    assert notices.due(desk.store, desk.store.clock()) == ()
    assert "switched off" in notices.log(desk.store, admin)[0].error


def test_a_channel_is_told_in_order_and_the_new_waits_behind_the_old(
    desk: Desk, admin: Person
) -> None:
    desk.end("failed")
    desk.told()
    now = desk.store.clock()
    (first,) = notices.due(desk.store, now)
    notices.attempt(desk.store, first, now + timedelta(hours=1))
    notices.failed(desk.store, first, "Away.", for_good=False)
    assert notices.due(desk.store, desk.store.clock()) == ()
    desk.end("ok")
    desk.told()
    both = notices.due(desk.store, desk.store.clock())
    assert [one.event for one in both] == ["failed", "recovered"]
    notices.attempt(desk.store, both[0], now + timedelta(hours=1))
    assert notices.due(desk.store, desk.store.clock()) == ()
    notices.sent(desk.store, both[0])
    assert [one.event for one in notices.due(desk.store, desk.store.clock())] == ["recovered"]


def replay(ends: list[str]) -> list[str]:
    """Say independently what there is to tell."""
    last, told = "ok", []
    for how in ends:
        if how in ("cancelled", "undo") or how == last:
            continue
        told.append("recovered" if how == "ok" else how)
        last = how
    return told


@given(
    ends=st.lists(st.sampled_from(ENDS), max_size=6),
    looks=st.lists(st.booleans(), min_size=8, max_size=8),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_whenever_somebody_looks_the_same_is_told(
    world: "World", admin: Person, ends: list[str], looks: list[bool]
) -> None:
    name = f"Export {datetime.now(UTC).timestamp()}"
    for channel in channels.all(world.store, admin):
        channels.remove(world.store, admin, channel.id)
    channels.add(world.store, admin, name="Ops", kind="mail", target="ops@muster.test")
    desk = Desk(world, admin, name)
    for how, look in zip(ends, looks, strict=False):
        desk.end(how)
        if look:
            desk.told()
    assert desk.told() == replay(ends)
