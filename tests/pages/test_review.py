import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import FieldMatch, Matching
from lib.runs import desk
from lib.settings import ROOT
from lib.store import Store, connections, exports, plans, progress, runs, segments
from lib.store.exports import Export
from lib.store.runs import RunState
from lib.ui import resources
from lib.ui.runs import files, plan_download

if TYPE_CHECKING:
    from tests.conftest import Practice

Visit = Callable[..., AppTest]


@pytest.fixture
def newsletter(store: Store, administrator: Person, practice: "Practice") -> Export:
    connection = connections.add(
        store,
        administrator,
        name="Practice",
        api_key=practice.api_key,
        api_url=practice.url,
        practice=True,
    )
    segment = segments.add(
        store,
        administrator,
        name="Norwegians",
        sql="select profile_id from profiles where country = 'NO'",
    )
    return exports.add(
        store,
        administrator,
        name="Newsletter",
        connection=connection.id,
        audience_id=practice.audience_id,
        audience_name="Nordlys newsletter",
        matching=Matching("email", (FieldMatch("FNAME", "first_name"),)),
        segments=[segment.id],
    )


def planned(store: Store, who: Person, export: Export) -> plans.Plan:
    return desk.plan_here(store, resources.settings(), who, export.id)


def test_without_an_export_the_page_says_where_to_set_one_up(visit: Visit) -> None:
    assert "no export to review" in visit("exports/review").info[0].value


def test_an_export_has_an_address_of_its_own(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    exports.duplicate(store, administrator, newsletter.id, "A first by name")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    at.query_params["export"] = newsletter.id
    at.switch_page("pages/exports/review.py").run()
    assert at.selectbox(key="review.export").value == newsletter.id
    at.selectbox(key="review.export").select_index(0).run()
    chosen = at.selectbox(key="review.export").value
    assert chosen != newsletter.id and at.query_params["export"] == chosen
    at.query_params["export"] = "exp_gone"
    assert "“exp_gone”" in at.run().warning[0].value


def test_before_the_first_plan_the_page_says_what_a_plan_is(
    visit: Visit, newsletter: Export
) -> None:
    at = visit("exports/review")
    assert "sends nothing" in at.info[0].value
    assert not at.button(key="review.plan").disabled


def test_the_forecast_says_how_many_will_be_sent_and_shows_them(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    plan = planned(store, administrator, newsletter)
    at = visit("exports/review")
    added = plan.counts["fates"]["added"]
    assert any(f"**{added:,} contacts will be sent**" in one.value for one in at.markdown)
    assert len(at.dataframe[0].value) == min(50, added)


def test_each_number_leads_to_the_people_behind_it(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    plan = planned(store, administrator, newsletter)
    at = visit("exports/review")
    at.session_state["review.fate"] = "invalid"
    at.run()
    shown = at.dataframe[0].value
    assert len(shown) == min(50, plan.counts["fates"]["invalid"])
    assert all(shown["Why"])


def test_a_plan_of_an_export_that_was_changed_cannot_be_pushed(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    planned(store, administrator, newsletter)
    exports.edit(store, administrator, newsletter.id, matching=Matching("email"))
    at = visit("exports/review")
    assert any("Make a new plan" in one.value for one in at.warning)
    assert at.button(key="review.push").disabled


def test_a_plan_over_the_limit_is_blocked_and_says_by_how_many_and_what_to_do(
    visit: Visit,
    store: Store,
    administrator: Person,
    newsletter: Export,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSTER_EXPORT_LIMIT", "10")
    resources.settings.clear()
    plan = planned(store, administrator, newsletter)
    at = visit("exports/review")
    over = plan.counts["over_limit"]
    (told,) = [one.value for one in at.error if f"{over:,} profiles over" in one.value]
    assert over > 0 and "desc limit 10" in told and "profile_id" in told
    assert at.button(key="review.push").disabled


def test_a_plan_that_failed_says_why(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    begun = plans.begin(store, administrator, newsletter.id, directory="here")
    plans.fail(store, begun.id, "The audience cannot be reached.")
    assert visit("exports/review").error[0].value == "The audience cannot be reached."


def test_approving_names_account_and_audience_and_starts_the_run(
    visit: Visit,
    store: Store,
    administrator: Person,
    newsletter: Export,
    worker_ends: None,
) -> None:
    plan = planned(store, administrator, newsletter)
    at = visit("exports/review")
    at.button(key="review.push").click().run()
    asked = " ".join(one.value for one in at.markdown)
    assert "Nordlys newsletter" in asked and "Practice" in asked
    at.button(key="review.approve").click().run(timeout=60)
    assert not at.exception
    (run,) = runs.all(store, administrator)
    approved = plans.get(store, administrator, plan.id)
    assert (run.plan_id, approved.approved_by) == (plan.id, administrator.email)


def test_nothing_is_pushed_once_the_sign_in_ran_out(
    arrive: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    plan = planned(store, administrator, newsletter)
    at = arrive("exports/review.py", email="ada@muster.test", iat=time.time())
    at.button(key="review.push").click().run()
    at.user["iat"] = time.time() - 13 * 3600
    at.button(key="review.approve").click().run()
    assert [one.value for one in at.title] == ["Sign in to Muster"]
    assert plans.get(store, administrator, plan.id).approved_by is None
    assert runs.all(store, administrator) == ()


def test_a_plan_that_was_carried_out_says_so_and_cannot_be_pushed_again(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    made = planned(store, administrator, newsletter)
    assert not visit("exports/review").button(key="review.push").disabled
    plans.approve(store, administrator, made.id)
    run = progress.request(store, administrator, made.id)
    progress.begin(store, run.id)
    progress.finish(store, run.id, RunState.DONE)
    at = visit("exports/review")
    assert any("This plan was carried out" in one.value for one in at.info)
    assert at.button(key="review.push").disabled


def test_the_plan_of_an_undo_is_reviewed_and_approved_in_its_own_words(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    made = planned(store, administrator, newsletter)
    plans.approve(store, administrator, made.id)
    run = progress.request(store, administrator, made.id)
    progress.begin(store, run.id)
    progress.finish(store, run.id, RunState.STOPPED)
    begun = plans.begin(store, administrator, newsletter.id, directory="here", undoes=run.id)
    counts = {**made.counts, "limits": ["Mails that were sent are not called back."]}
    plans.finish(store, begun.id, counts=counts, fingerprint="u", directory=made.directory)
    at = visit("exports/review")
    assert any("Undo of the run" in one.value for one in at.markdown)
    assert "Approve and undo" in at.button(key="review.push").label
    at.button(key="review.push").click().run()
    assert not at.exception
    assert at.button(key="review.approve").label == "Approve and undo"


def test_a_plan_shows_what_it_does_to_the_contract_and_is_refused_when_it_exceeds_it(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    planned(store, administrator, newsletter)
    connections.set_contract_limit(store, administrator, "Practice", 1)
    at = visit("exports/review")
    (meter,) = [bar for bar in at.get("progress") if "of the contract" in bar.proto.text]
    assert " + " in meter.proto.text and "of 1 contacts" in meter.proto.text
    assert any("may charge" in warning.value for warning in at.warning)
    connections.edit(store, administrator, "Practice", contract_blocks=True)
    at.button(key="review.push").click().run()
    at.button(key="review.approve").click().run()
    assert any("of the contract" in error.value for error in at.error)
    assert runs.all(store, administrator) == ()


def test_a_run_that_a_guard_rail_stopped_says_why_on_top_of_its_plan(
    visit: Visit, store: Store, administrator: Person, newsletter: Export
) -> None:
    plan = planned(store, administrator, newsletter)
    plans.approve(store, administrator, plan.id)
    run = progress.request(store, administrator, plan.id, trigger="schedule")
    progress.finish(store, run.id, RunState.STOPPED, "It would add 900; at most 100 are allowed.")
    at = visit("exports/review")
    assert "It would add 900; at most 100 are allowed." in at.warning[0].value
    assert "before it sent anything" in at.warning[0].value


def test_everybody_in_a_plan_is_downloaded_with_fate_and_reason(
    store: Store, administrator: Person, newsletter: Export
) -> None:
    plan = planned(store, administrator, newsletter)
    path = desk.plan_file(plan)
    csv = pl.read_csv(plan_download.file(path, "csv"), infer_schema=False)
    parquet = pl.read_parquet(plan_download.file(path, "parquet"))
    fates = plan.counts["fates"]
    assert csv.height == parquet.height == plan.counts["contacts"]
    assert (csv["fate"] == "invalid").sum() == fates["invalid"]
    assert csv.filter(pl.col("fate") == "invalid")["why"].null_count() == 0
    assert {"FNAME", "FNAME_now", "address", "profile"} <= set(csv.columns)


def test_a_file_for_spreadsheets_holds_no_formula() -> None:
    rows = pl.LazyFrame({"name": ["=1+1", "+47 22 00 00 00", "Ada"], "tags": [["@x"], [], ["a"]]})
    read = pl.read_csv(files.written(rows, "csv"), infer_schema=False)
    assert read["name"].to_list() == ["'=1+1", "+47 22 00 00 00", "Ada"]
    assert read["tags"].to_list() == ["'@x", "", "a"]
