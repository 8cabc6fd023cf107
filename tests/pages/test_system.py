from collections.abc import Callable
from pathlib import Path

import polars as pl
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.config import health
from lib.contacts.matching import Matching
from lib.runs.keeping import retention
from lib.sources import Source
from lib.store import Store, connections, exports, plans, refresh, rules, segments, sources
from lib.store.exports import Export
from lib.ui import resources

Visit = Callable[..., AppTest]


def added(store: Store, who: Person, name: str) -> Export:
    connection = connections.add(
        store,
        who,
        name=f"Practice {name}",
        api_key="0123456789abcdef0123456789abcdef-us1",
        api_url="http://127.0.0.1:1",
        practice=True,
    )
    segment = segments.add(store, who, name=f"All {name}", sql="select profile_id from profiles")
    return exports.add(
        store,
        who,
        name=name,
        connection=connection.id,
        audience_id="abc",
        matching=Matching("email"),
        segments=[segment.id],
    )


def given(at: AppTest, name: str, place: Path, key: str = "") -> AppTest:
    at.button(key="source.new").click().run()
    at.text_input(key="source.name").input(name)
    at.text_input(key="source.place").input(str(place))
    at.text_input(key="source.key").input(key)
    return at.button(key="source.save").click().run()


def test_a_dead_worker_is_said_and_can_be_started(visit: Visit) -> None:
    at = visit("admin/system")
    assert at.metric[0].value == "not alive"
    assert not at.button(key="system.worker").disabled


def test_a_source_is_added_by_its_path(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,ada@x.no\n2,bo@x.no\n")
    at = given(visit("admin/system"), "people", file, "id")
    assert not at.exception and not at.error
    assert [one.name for one in sources.all(store, administrator)] == ["people"]
    assert list(at.dataframe[0].value["Table"]) == ["people"]


def test_a_source_that_cannot_be_read_any_more_stays_in_view(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    file = tmp_path / "people.parquet"
    pl.DataFrame({"id": [1]}).write_parquet(file)
    sources.add(store, administrator, Source("people", str(file), "id"))
    file.unlink()
    (told,) = visit("admin/system").error
    assert "**people**" in told.value and "people.parquet" in told.value.replace("\\", "")


def test_a_source_that_is_not_there_is_one_sentence(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    at = given(visit("admin/system"), "people", tmp_path / "nothing.csv")
    assert len(at.error) == 1
    assert sources.all(store, administrator) == ()


def test_the_last_source_is_not_forgotten_under_what_is_saved(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    file = tmp_path / "people.parquet"
    pl.DataFrame({"id": [1]}).write_parquet(file)
    sources.add(store, administrator, Source("people", str(file), "id"))
    segments.add(store, administrator, name="All", sql="select id from people")
    at = visit("admin/system")
    at.button(key="source.forget").click().run()
    at.button(key="source.save").click().run()
    (told,) = at.error
    assert "“people” is the last source" in told.value
    assert [one.name for one in sources.all(store, administrator)] == ["people"]


def test_storage_counts_what_lies_in_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "plan.parquet").write_bytes(b"12345")
    assert health.storage(tmp_path).used["runs"] == 5


def test_the_refresh_is_chosen_shown_with_its_dates_and_taken_away(
    visit: Visit, store: Store, administrator: Person
) -> None:
    at = visit("admin/system")
    assert any("no refresh" in one.value for one in at.markdown)
    at.button(key="system.refresh.save").click().run()
    assert not at.exception and not at.error
    assert refresh.get(store).cron == "0 7 * * 1-5"
    assert any("Every working day at 07:00" in one.value for one in at.markdown)
    assert any("Next: " in one.value for one in at.caption)
    at.toggle(key="system.refresh.0 7 * * 1-5.on").set_value(False).run()
    at.button(key="system.refresh.save").click().run()
    assert refresh.get(store).cron == ""


def test_refreshing_now_names_the_exports_it_runs_first(
    visit: Visit, store: Store, administrator: Person
) -> None:
    refresh.put(store, administrator, "0 5 * * *")
    for name in ("Approved", "Asks"):
        export = added(store, administrator, name)
        if name == "Approved":
            rules.approve_rules(store, administrator, export.id)
    at = visit("admin/system")
    assert any("“Asks” (rules not approved)" in one.value for one in at.caption)
    at.button(key="system.refresh").click().run()
    (told,) = [one.value for one in at.markdown if "sent without asking" in one.value]
    assert "“Approved”" in told and "“Asks”" not in told


def test_the_queue_names_what_waits_and_who_asked(
    visit: Visit, store: Store, administrator: Person
) -> None:
    export = added(store, administrator, "Newsletter")
    plans.begin(store, administrator, export.id)
    table = visit("admin/system").dataframe[0].value
    assert list(table["Export"]) == ["Newsletter"]
    assert list(table["By"]) == ["local administrator"]


def test_an_administrator_says_for_how_long_contacts_are_kept(
    visit: Visit, store: Store, administrator: Person
) -> None:
    at = visit("admin/system")
    at.number_input(key="retention.days.0").set_value(90)
    at.button(key="retention.save").click().run()
    assert not at.exception and not at.error
    assert retention.days(store, resources.settings()) == 90
    assert any("**90 days**" in one.value for one in at.markdown)


def test_who_is_no_administrator_sees_the_system_and_changes_nothing(arrive: Visit) -> None:
    at = arrive("admin/system.py", email="cora@muster.test")
    keys = {str(one.key) for one in at.button}
    assert not keys & {"system.refresh.save", "retention.save", "purge.new", "source.new"}
    assert any("Only administrators change it" in one.value for one in at.caption)
