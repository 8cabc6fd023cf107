from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import FieldMatch, Matching
from lib.store import Store, connections, exports, plans, rules, runs, segments
from lib.store.segments import Segment

if TYPE_CHECKING:
    from tests.conftest import Practice

Visit = Callable[..., AppTest]


@pytest.fixture
def connected(store: Store, administrator: Person, practice: "Practice") -> "Practice":
    connections.add(
        store,
        administrator,
        name="Practice",
        api_key=practice.api_key,
        api_url=practice.url,
        practice=True,
    )
    return practice


@pytest.fixture
def norwegians(store: Store, administrator: Person) -> Segment:
    sql = "select profile_id from profiles where country = 'NO'"
    return segments.add(store, administrator, name="Norwegians", sql=sql)


def prepared(visit: Visit, segment: Segment, connected: "Practice") -> AppTest:
    at = visit("exports/setup")
    (audience,) = [box for box in at.selectbox if box.label == "Audience"]
    at.session_state[str(audience.key)] = connected.audience_id
    at.multiselect(key="setup.new.segments").select(segment.id).run()
    assert not at.exception, at.exception
    return at


def test_without_a_connection_the_page_says_where_to_get_one(visit: Visit) -> None:
    at = visit("exports/setup")
    assert any("No Mailchimp account is connected" in one.value for one in at.info)


def test_without_a_segment_the_page_says_where_to_make_one(
    visit: Visit, connected: "Practice"
) -> None:
    at = visit("exports/setup")
    assert any("no segment to export" in one.value for one in at.info)


def test_email_and_names_are_suggested_with_reasons(
    visit: Visit, connected: "Practice", norwegians: Segment
) -> None:
    at = prepared(visit, norwegians, connected)
    prefix = f"setup.new.{connected.audience_id}"
    chosen = [at.selectbox(key=f"{prefix}.{tag}").value for tag in ("EMAIL", "FNAME", "LNAME")]
    assert chosen == ["email", "first_name", "last_name"]
    assert any(one.value.startswith("Suggested:") for one in at.caption)


def test_contacts_are_shown_as_mailchimp_will_get_them(
    visit: Visit, connected: "Practice", norwegians: Segment
) -> None:
    at = prepared(visit, norwegians, connected)
    shown = at.dataframe[0].value
    assert "Sent to" in shown.columns and len(shown) > 3


def test_saving_keeps_the_export_and_sends_nothing(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    at = prepared(visit, norwegians, connected)
    at.text_input(key="setup.new.name").input("Newsletter")
    at.button(key="setup.save").click().run()
    assert not at.exception and not at.error
    (made,) = exports.all(store, administrator)
    assert (made.name, made.matching.email) == ("Newsletter", "email")
    assert "Nothing was sent" in at.success[0].value
    assert runs.all(store, administrator) == ()
    assert plans.of_export(store, administrator, made.id) == ()


@pytest.mark.parametrize(
    ("queries", "email"),
    [
        (("select email, first_name from profiles",), "email"),
        (
            ("select profile_id, 1 as score from profiles", "select profile_id from profiles"),
            "email",
        ),
        (
            (
                "select profile_id, country, 'x' as birthday, 1 as score from profiles",
                "select profile_id, country, 2.5 as score from profiles",
            ),
            "email",
        ),
        (("select profile_id, 'a' as key, 'b' as segments from profiles",), "email"),
        (("select first_name from profiles",), None),
    ],
)
def test_only_columns_that_every_segment_can_give_are_offered(
    queries: tuple[str, ...],
    email: str | None,
    *,
    visit: Visit,
    connected: "Practice",
    store: Store,
    administrator: Person,
) -> None:
    made = [
        segments.add(store, administrator, name=f"S{i}", sql=f"{sql} where country = 'NO'")
        for i, sql in enumerate(queries)
    ]
    at = visit("exports/setup")
    (audience,) = [box for box in at.selectbox if box.label == "Audience"]
    at.session_state[str(audience.key)] = connected.audience_id
    at.session_state["setup.new.segments"] = [one.id for one in made]
    at.run()
    assert not at.exception and not at.error
    column = at.selectbox(key=f"setup.new.{connected.audience_id}.EMAIL")
    assert column.value == email
    clashes = "birthday" in queries[0]
    assert any("score" in option for option in column.options) == clashes
    assert any("birthday" in option for option in column.options) == (
        "profile_id" in queries[0] and not clashes
    )
    told = [one.value for one in at.caption]
    lacks = "score" in queries[0] and not clashes
    assert any("score (not in S1)" in one for one in told) == lacks
    assert any("birthday (varchar / date)" in one for one in told) == clashes
    assert any("No column looks like" in one for one in told) == (email is None)
    assert at.button(key="setup.save").disabled == (email is None)


def saved(
    store: Store, administrator: Person, segment: Segment, audience_id: str
) -> exports.Export:
    (practice,) = connections.all(store, administrator)
    return exports.add(
        store,
        administrator,
        name="Newsletter",
        connection=practice.id,
        audience_id=audience_id,
        matching=Matching("email"),
        segments=[segment.id],
    )


def opened(visit: Visit, export: exports.Export) -> AppTest:
    at = visit()
    at.session_state["session.choice"] = {"export_id": export.id}
    return at.switch_page("pages/exports/setup.py").run()


def test_an_audience_that_is_gone_is_one_sentence(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    at = opened(visit, saved(store, administrator, norwegians, "nosuchlist"))
    assert len(at.error) == 1 and not at.exception


def test_mailchimp_down_at_save_says_so_and_nothing_typed_is_lost(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    at = prepared(visit, norwegians, connected)
    at.text_input(key="setup.new.name").input("Newsletter")
    connected.kill()
    at.button(key="setup.save").click().run(timeout=60)
    assert exports.all(store, administrator) == ()
    assert at.error and at.text_input(key="setup.new.name").value == "Newsletter"


def test_a_saved_export_opens_as_it_was_saved(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    made = saved(store, administrator, norwegians, connected.audience_id)
    at = opened(visit, made)
    prefix = f"setup.{made.id}.{made.revision}"
    assert at.text_input(key=f"{prefix}.name").value == "Newsletter"
    assert at.multiselect(key=f"{prefix}.segments").value == [norwegians.id]
    assert at.selectbox(key=f"{prefix}.{connected.audience_id}.FNAME").value is None


def rules_prefix(at: AppTest) -> str:
    (active,) = [one for one in at.toggle if str(one.key).endswith(".active")]
    return str(active.key).removesuffix(".active")


def test_schedule_and_guard_rails_are_saved_with_the_export(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    at = prepared(visit, norwegians, connected)
    prefix = rules_prefix(at)
    at.session_state[f"{prefix}.when"] = "own"
    at.number_input(key=f"{prefix}.rail.added").set_value(500)
    at.text_input(key="setup.new.name").input("Newsletter").run()
    assert any("Next: " in one.value for one in at.caption)
    at.button(key="setup.save").click().run()
    assert not at.exception and not at.error
    (made,) = exports.all(store, administrator)
    assert made.schedule == "0 7 * * 1-5"
    assert (made.guard.most_added, made.guard.most_deviation_percent) == (500, 50.0)
    assert not made.rules_approved


def test_rules_are_approved_by_name_and_a_change_lets_that_lapse(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    made = saved(store, administrator, norwegians, connected.audience_id)
    at = opened(visit, made)
    assert any("Nobody has approved its rules" in one.value for one in at.markdown)
    at.button(key="setup.approve").click().run()
    assert exports.get(store, administrator, made.id).rules_approved
    assert any("**local administrator** approved its rules today" in o.value for o in at.markdown)
    at.number_input(key=f"{rules_prefix(at)}.rail.added").set_value(9).run()
    at.button(key="setup.save").click().run()
    assert not exports.get(store, administrator, made.id).rules_approved
    assert "approval has lapsed" in at.warning[0].value


def test_what_is_not_saved_cannot_be_approved(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    at = opened(visit, saved(store, administrator, norwegians, connected.audience_id))
    assert not at.button(key="setup.approve").disabled
    at.number_input(key=f"{rules_prefix(at)}.rail.added").set_value(9).run()
    assert at.button(key="setup.approve").disabled
    assert any("save it, then approve" in one.value for one in at.caption)


def test_a_schedule_chosen_in_the_list_is_what_the_page_shows(
    visit: Visit,
    connected: "Practice",
    norwegians: Segment,
    store: Store,
    administrator: Person,
) -> None:
    made = saved(store, administrator, norwegians, connected.audience_id)
    at = opened(visit, made)
    at.session_state[f"{rules_prefix(at)}.when"] = "own"
    at.run()
    rules.set_schedule(store, administrator, [made.id], "off")
    at.run()
    assert any("runs when somebody approves" in one.value for one in at.caption)


@pytest.mark.parametrize(
    ("email", "told"),
    [("vera@muster.test", "Contributors and administrators"), ("cora@muster.test", "not shared")],
)
def test_who_may_not_change_an_export_reads_it_and_is_told_whom_to_ask(
    email: str,
    told: str,
    *,
    arrive: Visit,
    store: Store,
    administrator: Person,
    norwegians: Segment,
) -> None:
    key = "0123456789abcdef0123456789abcdef-us1"
    connections.add(store, administrator, name="Mine", api_key=key, agreed=True)
    made = saved(store, administrator, norwegians, "abc")
    parts = (("addr1", "street"), ("city", "town"))
    matching = Matching("email", (FieldMatch("ADDRESS", "street", parts=parts),))
    exports.edit(store, administrator, made.id, matching=matching)
    at = arrive(email=email)
    at.session_state["session.choice"] = {"export_id": made.id}
    at.switch_page("pages/exports/setup.py").run()
    assert not at.exception and not at.error
    assert told in at.info[0].value and "ask an administrator" in at.info[0].value.lower()
    assert [one.value for one in at.subheader][-2:] == ["When", "Guard rails"]
    (matched,) = [one.value for one in at.dataframe if "Field" in one.value.columns]
    assert list(matched["Column"]) == ["email", "Street: street · City: town"]
    keys = {str(one.key) for one in at.button}
    assert not keys & {"setup.save", "setup.approve", "setup.remove"}
