from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import Matching
from lib.store import Store, connections, exports, plans, progress, runs, segments
from lib.store.plans import Plan
from lib.store.runs import Run, RunState

Visit = Callable[..., AppTest]
FATES = {"updated": 5, "left": 7, "unchanged": 1}


@pytest.fixture
def ended(store: Store, administrator: Person) -> Run:
    """Return a run that stopped."""
    connection = connections.add(
        store,
        administrator,
        name="Practice",
        api_key="0123456789abcdef0123456789abcdef-us1",
        api_url="http://127.0.0.1:1",
        practice=True,
    )
    segments.add(store, administrator, name="All", sql="select profile_id from profiles")
    export = exports.add(
        store,
        administrator,
        name="Newsletter",
        connection=connection.id,
        audience_id="abc",
        audience_name="Nordlys newsletter",
        matching=Matching("email"),
        segments=["All"],
    )
    plan = finished(store, plans.begin(store, administrator, export.id, directory="here"))
    plans.approve(store, administrator, plan.id)
    run = progress.request(store, administrator, plan.id)
    progress.begin(store, run.id)
    return progress.finish(store, run.id, RunState.STOPPED, "Mailchimp does not answer.")


def finished(store: Store, plan: Plan) -> Plan:
    limits = ["Mails that were sent are not called back."]
    counts = {"fates": FATES, "contacts": 13, "over_limit": 0, "calls": 8, "limits": limits}
    return plans.finish(store, plan.id, counts=counts, fingerprint="f", directory="gone")


def test_a_run_that_is_over_can_be_undone_from_its_card(visit: Visit, ended: Run) -> None:
    assert not visit("exports/runs").button(key="runs.undo").disabled


def test_an_undo_says_what_it_puts_back_and_what_it_cannot(
    visit: Visit, store: Store, administrator: Person, ended: Run
) -> None:
    begun = plans.begin(store, administrator, ended.export_id, directory="here", undoes=ended.id)
    plan = finished(store, begun)

    def page(plan_id: str) -> None:
        from lib.store import plans as kept
        from lib.ui import place
        from lib.ui.runs import forecast
        from lib.ui.runs import undo_card as card

        office = place.office()
        found = kept.get(office.store, office.who, plan_id)
        card.draw_limits(found, forecast.of(found))

    visit("exports/runs")
    at = AppTest.from_function(page, args=(plan.id,)).run()
    said = " ".join(one.value for one in at.markdown)
    assert "5 contacts are put back" in said and "7 that it added are archived" in said
    assert "Mails that were sent are not called back." in said


def test_an_undo_itself_has_no_undo(
    visit: Visit, store: Store, administrator: Person, ended: Run
) -> None:
    begun = plans.begin(store, administrator, ended.export_id, directory="here", undoes=ended.id)
    plans.approve(store, administrator, finished(store, begun).id)
    run = progress.request(store, administrator, begun.id)
    progress.begin(store, run.id)
    progress.finish(store, run.id, RunState.STOPPED, "")
    assert runs.get(store, administrator, run.id).undoes == ended.id
    assert "runs.undo" not in {button.key for button in visit("exports/runs").button}
