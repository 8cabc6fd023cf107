from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.segments.document import from_json, to_json
from lib.segments.rules import Condition, Group, Related
from lib.store import Store, segments
from lib.ui.segments import rule_words

Visit = Callable[..., AppTest]


def choose(at: AppTest, row: str, subject: str, operator: str) -> AppTest:
    at.selectbox(key=f"builder.{row}.subject").select(subject).run()
    at.selectbox(key=f"builder.{row}.operator.{subject}").select(operator).run()
    assert not at.exception
    return at


def norwegians(at: AppTest) -> AppTest:
    choose(at, "n1", "|country|", "is")
    at.selectbox(key="builder.n1.text.is.0").select("NO").run()
    return at


def test_a_fresh_builder_holds_everybody(visit: Visit) -> None:
    at = visit("segments/builder")
    assert any("Everybody" in one.value for one in at.markdown)


def test_a_fresh_builder_does_not_complain_that_everybody_is_too_many(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_EXPORT_LIMIT", "100")
    at = visit("segments/builder")
    assert not at.progress and not at.error
    assert any("3,000 profiles in all" in one.value for one in at.caption)
    assert norwegians(at).error[0].value.endswith("several exports.")


def test_a_condition_is_counted_and_said_in_words(visit: Visit) -> None:
    at = norwegians(visit("segments/builder"))
    assert any("country is NO" in one.value for one in at.markdown)
    assert "1,000,000" in at.progress[0].text


def test_rules_are_saved_with_the_sql_they_make(
    visit: Visit, store: Store, administrator: Person
) -> None:
    at = norwegians(visit("segments/builder"))
    at.text_input(key="builder.name").input("Norwegians")
    at.button(key="builder.save").click().run()
    (made,) = segments.all(store, administrator)
    assert from_json(made.rules or "") == Group("all", (Condition("", "country", "is", ("NO",)),))


def test_a_name_that_is_taken_is_one_sentence_and_the_rules_stay(
    visit: Visit, store: Store, administrator: Person
) -> None:
    segments.add(store, administrator, name="Norwegians", sql="select profile_id from profiles")
    at = norwegians(visit("segments/builder"))
    at.text_input(key="builder.name").input("Norwegians")
    at.button(key="builder.save").click().run()
    assert "Norwegians" in at.error[0].value
    assert at.selectbox(key="builder.n1.subject").value == "|country|"


def test_how_many_orders_somebody_has_can_be_a_condition(visit: Visit) -> None:
    at = choose(visit("segments/builder"), "n1", "orders||count", "at_least")
    at.number_input(key="builder.n1.number.at_least.0").set_value(2).run()
    assert any("count of orders is at least 2" in one.value for one in at.markdown)


def test_a_condition_without_a_value_is_left_out_until_it_has_one(visit: Visit) -> None:
    at = choose(visit("segments/builder"), "n1", "|lifetime_value|", "more")
    assert any("Everybody" in one.value for one in at.markdown)


def test_saved_rules_open_again_as_they_were(
    visit: Visit, store: Store, administrator: Person
) -> None:
    rules = Group(
        "any",
        (
            Condition("", "country", "one_of", ("NO", "SE")),
            Condition("", "created_at", "last_days", (30,)),
            Related("orders", "count", "", "more", (3,)),
            Group("all", (Condition("", "consent_email", "true"),), negate=True),
        ),
    )
    made = segments.add(
        store,
        administrator,
        name="Nordics",
        sql="select profile_id from profiles",
        rules=to_json(rules),
    )
    at = visit()
    at.session_state["session.choice"] = {"segment_id": made.id}
    at.switch_page("pages/segments/builder.py").run()
    at.button(key="builder.save").click().run()
    assert not at.exception and not at.error
    again = segments.get(store, administrator, made.id)
    assert from_json(again.rules or "") == rules


def saved_again(visit: Visit, store: Store, administrator: Person, rules: Group) -> Group:
    """Open a segment of these rules in the builder, save it, and return its rules."""
    made = segments.add(
        store, administrator, name="Odd", sql="select 1 as profile_id", rules=to_json(rules)
    )
    at = visit()
    at.session_state["session.choice"] = {"segment_id": made.id}
    at.switch_page("pages/segments/builder.py").run()
    assert not at.exception and not at.error
    at.button(key="builder.save").click().run()
    return from_json(segments.get(store, administrator, made.id).rules or "")


def test_rules_that_spell_names_otherwise_are_shown_and_saved_as_the_tables_do(
    visit: Visit, store: Store, administrator: Person
) -> None:
    within = Group("all", (Condition("ORDERS", "Quantity", "more", (1,)),))
    written = Group(
        "all",
        (
            Condition("Profiles", "COUNTRY", "is", ("NO",)),
            Condition("Orders", "STATUS", "is", ("paid",)),
            Related("Orders", "count", "", "more", (3,), within),
        ),
    )
    again = saved_again(visit, store, administrator, written)
    assert again == Group(
        "all",
        (
            Condition("", "country", "is", ("NO",)),
            Condition("orders", "status", "is", ("paid",)),
            Related(
                "orders",
                "count",
                "",
                "more",
                (3,),
                Group("all", (Condition("", "quantity", "more", (1,)),)),
            ),
        ),
    )


def test_long_numbers_and_old_dates_are_saved_as_they_were(
    visit: Visit, store: Store, administrator: Person
) -> None:
    rules = Group(
        "all",
        (
            Condition("", "profile_id", "is", (2**53 + 1,)),
            Condition("", "profile_id", "less", (2**60 + 7,)),
            Condition("", "lifetime_value", "more", (0.1,)),
            Condition("", "birthday", "after", (" 1899-12-31",)),
            Condition("", "birthday", "before", ("9999-12-31",)),
        ),
    )
    again = saved_again(visit, store, administrator, rules)
    assert [rule.values for rule in again.rules if isinstance(rule, Condition)] == [
        (2**53 + 1,), (2**60 + 7,), (0.1,), ("1899-12-31",), ("9999-12-31",)
    ]  # fmt: skip


def test_rules_that_have_no_row_are_not_saved_over(
    visit: Visit, store: Store, administrator: Person
) -> None:
    rules = Group(
        "all", (Condition("", "country", "is", ("NO",)), Condition("", "gone", "is", ("x",)))
    )
    made = segments.add(
        store, administrator, name="Few", sql="select 1 as profile_id", rules=to_json(rules)
    )
    at = visit()
    at.session_state["session.choice"] = {"segment_id": made.id}
    at.switch_page("pages/segments/builder.py").run()
    assert "cannot show all rules" in at.error[0].value
    assert at.button(key="builder.save").disabled
    assert "cannot show all rules" in at.run().error[0].value


def test_words_say_what_a_rule_does() -> None:
    rules = Group(
        "all",
        (
            Condition("", "city", "one_of", ("Oslo", "Bergen")),
            Related(
                "orders",
                "count",
                "",
                "at_least",
                (3,),
                Group("all", (Condition("", "amount", "more", (9.5,)),)),
            ),
            Group("any", (Condition("", "ok", "true"), Condition("", "born", "birthday_month"))),
        ),
    )
    assert rule_words.describe(rules) == (
        "city is one of Oslo, Bergen and count of orders where amount is more than 9.5 "
        "is at least 3 "
        "and (ok is true or born has its anniversary this month)"
    )
