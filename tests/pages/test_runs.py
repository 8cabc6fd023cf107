from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import Matching
from lib.store import Store, connections, exports, plans, progress, runs, segments
from lib.store.runs import Run, RunState

Visit = Callable[..., AppTest]


def requested(store: Store, administrator: Person, name: str, trigger: str = "hand") -> Run:
    connection = connections.add(
        store,
        administrator,
        name=f"Practice {name}",
        api_key="0123456789abcdef0123456789abcdef-us1",
        api_url="http://127.0.0.1:1",
        practice=True,
    )
    segment = segments.add(
        store, administrator, name=f"All {name}", sql="select profile_id from profiles"
    )
    export = exports.add(
        store,
        administrator,
        name=name,
        connection=connection.id,
        audience_id="abc",
        matching=Matching("email"),
        segments=[segment.id],
    )
    plan = plans.begin(store, administrator, export.id, directory="here")
    fates = {"added": 40, "updated": 2, "suppressed": 3}
    counts = {"fates": fates, "contacts": 45, "over_limit": 0, "calls": 1}
    plans.finish(store, plan.id, counts=counts, fingerprint="f", directory="gone")
    plans.approve(store, administrator, plan.id)
    return progress.request(store, administrator, plan.id, trigger=trigger)


@pytest.fixture
def queued(store: Store, administrator: Person) -> Run:
    return requested(store, administrator, "Newsletter")


def ended(store: Store, administrator: Person, name: str) -> Run:
    run = requested(store, administrator, name)
    progress.begin(store, run.id)
    return progress.finish(store, run.id, RunState.STOPPED, "Mailchimp does not answer.")


def test_before_the_first_run_the_page_says_how_one_begins(visit: Visit) -> None:
    assert "Nothing was pushed yet" in visit("exports/runs").info[0].value


def test_a_run_under_way_shows_how_far_it_is_and_can_be_cancelled(
    visit: Visit, queued: Run
) -> None:
    at = visit("exports/runs")
    assert "Waiting for its turn" in at.progress[0].text
    assert not at.button(key=f"runs.cancel.{queued.id}").disabled


def test_without_a_worker_the_page_says_that_nothing_is_lost(visit: Visit, queued: Run) -> None:
    assert any("nothing is lost" in one.value for one in visit("exports/runs").warning)


def test_a_run_that_waits_for_mailchimp_says_so(visit: Visit, store: Store, queued: Run) -> None:
    progress.begin(store, queued.id)
    progress.tell(store, queued.id, "Mailchimp has not answered since 14:03.")
    assert "since 14:03" in visit("exports/runs").warning[0].value


def test_cancelling_ends_a_waiting_run_at_once(visit: Visit, queued: Run) -> None:
    at = visit("exports/runs")
    at.button(key=f"runs.cancel.{queued.id}").click().run()
    assert not at.exception
    assert list(at.dataframe[0].value["state"]) == ["◼ cancelled"]


def test_a_run_that_stopped_says_why_and_can_be_resumed(
    visit: Visit, store: Store, queued: Run
) -> None:
    progress.begin(store, queued.id)
    progress.finish(store, queued.id, RunState.STOPPED, "Mailchimp does not answer.")
    at = visit("exports/runs")
    assert any(one.value == "Mailchimp does not answer." for one in at.info)
    assert not at.button(key="runs.resume").disabled


def test_a_viewer_of_numbers_sees_them_without_the_people_while_files_are_missing(
    visit: Visit, store: Store, queued: Run
) -> None:
    progress.begin(store, queued.id)
    progress.finish(store, queued.id, RunState.FAILED, "The plan's files are gone.")
    at = visit("exports/runs")
    assert any("no outcomes yet" in one.value for one in at.caption)


def test_several_ended_runs_are_charted(visit: Visit, store: Store, administrator: Person) -> None:
    for name in ("first", "second"):
        ended(store, administrator, name)
    at = visit("exports/runs")
    assert not at.error
    assert len(at.get("vega_lite_chart")) == 2


def test_the_history_is_filtered_by_export_and_by_how_runs_ended(
    visit: Visit, store: Store, administrator: Person
) -> None:
    first, second = (ended(store, administrator, name) for name in ("First", "Second"))
    at = visit("exports/runs")
    at.selectbox(key="runs.export").select(first.export_id).run()
    assert list(at.dataframe[0].value["export"]) == ["First"]
    at.selectbox(key="runs.export").select("").run()
    at.session_state["runs.state"] = RunState.FAILED
    at.run()
    assert not at.dataframe and any(one.value == "No run fits." for one in at.caption)
    assert second.export_name == "Second"


def test_an_address_leads_to_one_run(visit: Visit, store: Store, administrator: Person) -> None:
    old, _ = (ended(store, administrator, name) for name in ("First", "Second"))
    at = visit()
    at.query_params["run"] = old.id
    at.switch_page("pages/exports/runs.py").run()
    assert "First" in [one.value for one in at.subheader]


def test_an_address_of_no_run_says_so_and_the_history_stays(
    visit: Visit, store: Store, administrator: Person
) -> None:
    ended(store, administrator, "First")
    at = visit()
    at.query_params["run"] = "run_nosuch"
    at.switch_page("pages/exports/runs.py").run()
    assert "no run" in at.warning[0].value and "First" in [one.value for one in at.subheader]


def test_a_run_says_what_began_it(visit: Visit, store: Store, administrator: Person) -> None:
    requested(store, administrator, "Newsletter", trigger="missed")
    (run,) = runs.all(store, administrator)
    progress.begin(store, run.id)
    progress.finish(store, run.id, RunState.FAILED)
    at = visit("exports/runs")
    assert list(at.dataframe[0].value["trigger"]) == ["made up for"]


def test_a_run_that_a_guard_rail_stopped_leads_to_its_plan_and_is_not_resumed(
    visit: Visit, store: Store, administrator: Person
) -> None:
    run = requested(store, administrator, "Newsletter", trigger="schedule")
    progress.finish(store, run.id, RunState.STOPPED, "It would add 40; at most 10 are allowed.")
    at = visit("exports/runs")
    assert not [one for one in at.button if one.key == "runs.resume"]
    assert at.button(key="runs.plan").label == "Look at its plan"
