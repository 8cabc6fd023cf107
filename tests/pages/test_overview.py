from collections.abc import Callable
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import Matching
from lib.store import Store, connections, exports, plans, progress, refresh, rules, runs, segments
from lib.store.connections import Connection
from lib.store.exports import Export
from lib.store.plans import PlanState
from lib.store.runs import RunState

if TYPE_CHECKING:
    from tests.conftest import Practice

Visit = Callable[..., AppTest]


@pytest.fixture
def connection(store: Store, administrator: Person) -> Connection:
    segments.add(store, administrator, name="All", sql="select profile_id from profiles")
    return connected(store, administrator, "Practice")


def connected(
    store: Store, administrator: Person, name: str, *, shared: bool = False
) -> Connection:
    return connections.add(
        store,
        administrator,
        name=name,
        api_key="0123456789abcdef0123456789abcdef-us1",
        api_url="http://127.0.0.1:1",
        practice=True,
        shared=shared,
    )


def added(
    store: Store, who: Person, name: str, connection: str = "Practice", schedule: str = ""
) -> Export:
    return exports.add(
        store,
        who,
        name=name,
        connection=connection,
        audience_id="abc",
        audience_name=f"Audience of {name}",
        matching=Matching("email"),
        segments=["All"],
        schedule=schedule,
    )


def ended(store: Store, who: Person, export: Export, state: RunState, message: str = "") -> None:
    plan = plans.begin(store, who, export.id, directory="here")
    counts = {"fates": {"added": 4}, "contacts": 4, "over_limit": 0, "calls": 1}
    plans.finish(store, plan.id, counts=counts, fingerprint="f", directory="gone")
    plans.approve(store, who, plan.id)
    run = progress.request(store, who, plan.id)
    progress.begin(store, run.id)
    progress.settle(store, run.id, {"added": 4})
    progress.finish(store, run.id, state, message)


def tick(at: AppTest, listed: list[Export], *names: str) -> AppTest:
    """Tick exports in the table that lists these."""
    ids = "".join(one.id for one in listed)
    rows = [place for place, one in enumerate(listed) if one.name in names]
    key = f"overview.table.{crc32(ids.encode())}"
    at.session_state[key] = {"selection": {"rows": rows, "columns": []}}
    at.run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def test_without_exports_the_page_leads_to_setting_one_up(visit: Visit) -> None:
    at = visit("exports/overview")
    assert "no export yet" in at.info[0].value
    assert not at.get("page_link"), "the button leads there already"
    at.button(key="overview.new").click().run()
    assert [title.value for title in at.title] == ["Set up an export"]


def test_each_export_shows_status_dates_and_what_holds_it_up(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    refresh.put(store, administrator, "0 5 * * *")
    waits, runs_itself, by_hand, off = (
        added(store, administrator, name, schedule=schedule)
        for name, schedule in (
            ("A waits", ""), ("B runs", "0 7 * * 1"), ("C hand", "off"), ("D off", "")
        )
    )  # fmt: skip
    for one in (runs_itself, off):
        rules.approve_rules(store, administrator, one.id)
    exports.edit(store, administrator, off.id, active=False)
    ended(store, administrator, runs_itself, RunState.FAILED, "Mailchimp does not answer.")
    table = visit("exports/overview").dataframe[0].value
    assert list(table["name"]) == ["A waits", "B runs", "C hand", "D off"]
    assert list(table["status"]) == ["○ never ran", "✕ failed", "○ never ran", "○ never ran"]
    assert list(table["held"]) == ["rules not approved", "", "", "switched off"]
    assert list(table["schedule"])[1:3] == ["every Monday at 07:00", "by hand"]
    assert list(table["next"].isna()) == [True, False, True, True]
    assert table["outcome"][1] == "Mailchimp does not answer."
    assert waits.follows and by_hand.schedule == "off"


def test_members_are_kept_counts_and_nothing_is_counted_for_the_list(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    segments.edit(store, administrator, "All", sql="select profile_id from nowhere")
    added(store, administrator, "Newsletter")
    at = visit("exports/overview")
    assert not at.error and at.dataframe[0].value["members"].isna().all()


def test_exports_are_found_by_a_word_and_narrowed_to_those_that_need_somebody(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    one, two = (added(store, administrator, name, schedule="off") for name in ("One", "Two"))
    ended(store, administrator, two, RunState.FAILED)
    at = visit("exports/overview")
    at.text_input(key="overview.find").input("audience of one").run()
    assert list(at.dataframe[0].value["name"]) == [one.name]
    at.text_input(key="overview.find").input("").run()
    at.session_state["overview.view"] = "attention"
    at.run()
    assert list(at.dataframe[0].value["name"]) == [two.name]
    at.text_input(key="overview.find").input("one").run()
    assert "No export fits." in said(at)


def test_a_ticked_export_says_how_it_stands_and_leads_on(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    export = added(store, administrator, "Newsletter")
    ended(store, administrator, export, RunState.DONE)
    at = tick(visit("exports/overview"), [export], "Newsletter")
    assert "Sends **All** to **Audience of Newsletter**" in said(at)
    assert "by hand: done. 4 added" in said(at)
    at.button(key="overview.runs").click().run()
    assert [one.value for one in at.title] == ["Runs"]
    assert at.selectbox(key="runs.export").value == export.id


def test_several_are_switched_off_and_on(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    listed = [added(store, administrator, name) for name in ("One", "Two", "Zoo")]
    at = tick(visit("exports/overview"), listed, "One", "Zoo")
    at.button(key="overview.off").click().run()
    assert [one.active for one in exports.all(store, administrator)] == [False, True, False]
    at.button(key="overview.on").click().run()
    assert all(one.active for one in exports.all(store, administrator))


@pytest.mark.parametrize(("keep", "kept"), [(True, "0 7 * * 1"), (False, "off")])
def test_several_get_a_schedule_and_those_with_their_own_may_keep_it(
    *,
    keep: bool,
    kept: str,
    visit: Visit,
    store: Store,
    administrator: Person,
    connection: Connection,
) -> None:
    listed = [
        added(store, administrator, name, schedule=schedule)
        for name, schedule in (("Follows", ""), ("Own", "0 7 * * 1"))
    ]
    at = tick(visit("exports/overview"), listed, "Follows", "Own")
    at.button(key="overview.schedule").click().run()
    prefix = "export.schedule." + ".".join(sorted(one.id for one in listed))
    at.session_state[f"{prefix}.when"] = "off"
    at.session_state["export.schedule.keep"] = keep
    at.run()
    at.button(key="export.save").click().run()
    assert not at.exception and not at.error
    assert [one.schedule for one in exports.all(store, administrator)] == ["off", kept]


def test_a_schedule_that_is_none_cannot_be_saved(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    export = added(store, administrator, "Own", schedule="0 7 * * 1#1")
    at = tick(visit("exports/overview"), [export], "Own")
    at.button(key="overview.schedule").click().run()
    at.text_input(key=f"export.schedule.{export.id}.cron").input("every now and then").run()
    assert "is no schedule" in at.error[0].value
    assert at.button(key="export.save").disabled


def test_removing_several_names_what_happens_and_one_that_runs_stays(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    listed = [added(store, administrator, name) for name in ("Busy", "Done")]
    plan = plans.begin(store, administrator, listed[0].id, directory="here")
    counts = {"fates": {}, "contacts": 0, "over_limit": 0, "calls": 0}
    plans.finish(store, plan.id, counts=counts, fingerprint="f", directory="gone")
    plans.approve(store, administrator, plan.id)
    progress.request(store, administrator, plan.id)
    at = tick(visit("exports/overview"), listed, "Busy", "Done")
    at.session_state["dialogs.open"] = "export.remove"
    at.run()
    assert "Contacts in Mailchimp stay as they are" in said(at)
    at.button(key="export.save").click().run()
    assert [one.name for one in exports.all(store, administrator)] == ["Busy"]
    assert "“Busy”" in at.warning[0].value and "is running" in at.warning[0].value


def test_several_are_duplicated_detached_and_connected_again(
    visit: Visit,
    store: Store,
    administrator: Person,
    connection: Connection,
    practice: "Practice",
) -> None:
    key, url = practice.api_key, practice.url
    connections.rotate(store, administrator, connection.id, key, api_url=url)
    listed = [added(store, administrator, name) for name in ("One", "Two")]
    for one in listed:
        exports.edit(store, administrator, one.id, audience_id=practice.audience_id)
    at = tick(visit("exports/overview"), listed, "One", "Two")
    for dialog in ("detach", "attach", "duplicate"):
        at.session_state["dialogs.open"] = f"export.{dialog}"
        at.run()
        at.button(key="export.save").click().run()
        assert not at.exception and not at.error, dialog
        connected_now = [one.connection_id is not None for one in exports.all(store, administrator)]
        assert all(connected_now) is (dialog != "detach")
    names = [one.name for one in exports.all(store, administrator)]
    assert names == ["One", "One (copy)", "Two", "Two (copy)"]


def test_running_says_which_are_sent_at_once_and_which_are_planned_for_a_yes(
    visit: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    listed = [added(store, administrator, name) for name in ("Approved", "Asks", "Bare")]
    rules.approve_rules(store, administrator, listed[0].id)
    exports.detach(store, administrator, listed[2].id)
    at = tick(visit("exports/overview"), listed, "Approved", "Asks", "Bare")
    at.button(key="overview.run").click().run()
    told = said(at)
    assert "**Sent without asking**, within their guard rails, as their rules are approved: " \
        "“Approved”" in told  # fmt: skip
    assert "approve the plan on the review page: “Asks”" in told
    assert "**Not run**: “Bare” (no connection)" in told


def test_an_export_whose_rules_nobody_approved_is_planned_and_not_sent(
    visit: Visit,
    store: Store,
    administrator: Person,
    connection: Connection,
    worker_ends: None,
) -> None:
    export = added(store, administrator, "Asks")
    at = tick(visit("exports/overview"), [export], "Asks")
    at.button(key="overview.run").click().run()
    at.button(key="export.save").click().run(timeout=60)
    assert not at.exception and not at.error
    (plan,) = plans.of_export(store, administrator, export.id)
    assert plan.approved_by is None and plan.state in {PlanState.MAKING, PlanState.FAILED}
    assert runs.all(store, administrator) == ()


def test_a_viewer_sees_the_list_and_is_told_whom_to_ask(
    arrive: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    added(store, administrator, "Newsletter")
    at = arrive("exports/overview.py", email="vera@muster.test")
    table = at.dataframe[0].value
    assert list(table["name"]) == ["Newsletter"] and list(table["permission"]) == ["look"]
    assert "ask an administrator" in said(at)
    buttons = {one.key: one.disabled for one in at.button}
    assert all(buttons[f"overview.{name}"] for name in ("new", "run", "run_all", "off"))


def test_a_contributor_is_told_which_export_is_not_shared_with_them(
    arrive: Visit, store: Store, administrator: Person, connection: Connection
) -> None:
    connected(store, administrator, "Shared", shared=True)
    listed = [
        added(store, administrator, "Mine", "Shared"),
        added(store, administrator, "Theirs", "Practice"),
    ]
    at = arrive("exports/overview.py", email="cora@muster.test")
    assert list(at.dataframe[0].value["permission"]) == ["manage", "look"]
    tick(at, listed, "Mine", "Theirs")
    assert "You may not change “Theirs”" in said(at)
    assert at.button(key="overview.off").disabled
    tick(at, listed, "Mine")
    assert not at.button(key="overview.off").disabled
