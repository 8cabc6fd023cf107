from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import RuleError
from lib.segments.compile import to_sql
from lib.segments.document import from_json, to_json
from lib.segments.operators import ANY_NUMBER, OPERATORS
from lib.segments.rules import Condition, Group, Related, Rule
from lib.segments.schema import Kind, kind_of

# One thread: the tables are tiny, and handing them to a second costs more than it saves.
ENGINE = duckdb.connect(config={"threads": 1})
TODAY = ENGINE.execute("select current_date").fetchall()[0][0]
PROFILE = SimpleNamespace(name="profiles", key="id")
COLUMNS = {
    "id": "BIGINT",
    "city": "VARCHAR",
    "score": "DECIMAL(9,2)",
    "born": "DATE",
    "ok": "BOOLEAN",
}
ORDERS = {
    "id": "BIGINT",
    "what": "VARCHAR",
    "amount": "DOUBLE",
    "bought": "TIMESTAMP",
    "tags": "VARCHAR[]",
}


def table(name: str, columns: dict[str, str]) -> SimpleNamespace:
    named = tuple(SimpleNamespace(name=n, type=t) for n, t in columns.items())
    return SimpleNamespace(name=name, columns=named)


SCHEMA = (table("profiles", COLUMNS), table("Orders", ORDERS))

texts = st.sampled_from(["", " ", "Oslo", "oslo", "Bergen", "O'Neil", "50%_x", "Ås", "os"])
numbers = st.integers(-3, 6).map(lambda n: n / 2)
days = st.integers(-40, 40).map(lambda n: TODAY + timedelta(days=n)) | st.sampled_from(
    [date(1992, 2, 29), date(TODAY.year - 30, TODAY.month, min(TODAY.day, 28))]
)
truths = st.booleans()
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: texts,
    Kind.NUMBER: numbers,
    Kind.DATE: days.map(date.isoformat),
}


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


people = st.lists(
    st.tuples(optional(texts), optional(numbers), optional(days), optional(truths)), max_size=6
)
orders = st.lists(
    st.tuples(st.integers(0, 6), optional(texts), optional(numbers), optional(days)), max_size=8
)


@st.composite
def conditions(draw: st.DrawFn, columns: dict[str, str]) -> Condition:
    column = draw(st.sampled_from([c for c in columns if c != "id"]))
    kind = kind_of(columns[column])
    operator = draw(st.sampled_from([o for o in OPERATORS[kind] if o.name != "matches"]))
    arity = draw(st.integers(1, 3)) if operator.arity == ANY_NUMBER else operator.arity
    one = st.integers(0, 30) if operator.takes else VALUES.get(kind, st.nothing())
    values = draw(st.tuples(*[one] * arity))
    return Condition("", column, operator.name, values)


def groups(leaves: st.SearchStrategy[Rule]) -> st.SearchStrategy[Group]:
    def wrap(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Group]:
        rules = st.lists(inner, max_size=3).map(tuple)
        return st.builds(Group, st.sampled_from(["all", "any"]), rules, st.booleans())

    return wrap(st.recursive(leaves, wrap, max_leaves=5))


@st.composite
def related(draw: st.DrawFn) -> Related:
    where = draw(st.none() | groups(conditions(ORDERS)))
    measure: Any = draw(st.sampled_from(["exists", "count", "sum", "avg", "min", "max"]))
    if measure == "exists":
        return Related("orders", "exists", where=where)
    names = ["is", "is_not", "more", "at_least", "less", "at_most", "empty", "not_empty"]
    operator = draw(st.sampled_from(names))
    values = () if "empty" in operator else (draw(st.integers(-2, 4)),)
    return Related(
        "orders", measure, "" if measure == "count" else "amount", operator, values, where
    )


TREES = groups(
    conditions(COLUMNS)
    | related()
    | conditions({"what": "VARCHAR"}).map(
        lambda c: Condition("orders", c.column, c.operator, c.values)
    )
)


def compares(operator: str, held: Any, values: tuple[Any, ...]) -> bool:  # noqa: ANN401
    """Say in plain Python whether a present value meets an operator, ignoring negation."""
    if isinstance(held, str):
        held = held.lower()
        values = tuple(value.lower() for value in values)
    if isinstance(held, date) and values and isinstance(values[0], str):
        values = tuple(date.fromisoformat(value) for value in values)
    if operator in ("birthday_today", "birthday_month"):
        month_day = (held.month, held.day)
        eve = (TODAY.month, TODAY.day) == (2, 28) and (TODAY + timedelta(days=1)).month == 3
        today = month_day == (TODAY.month, TODAY.day) or (eve and month_day == (2, 29))
        return bool(today if operator == "birthday_today" else held.month == TODAY.month)
    if operator.endswith("days"):
        span = timedelta(days=values[0])
        within: dict[str, Callable[[], bool]] = {
            "last_days": lambda: TODAY - span <= held <= TODAY,
            "not_last_days": lambda: TODAY - span <= held <= TODAY,
            "next_days": lambda: TODAY <= held <= TODAY + span,
            "older_days": lambda: held < TODAY - span,
        }
        return within[operator]()
    answers: dict[str, Callable[[], bool]] = {
        "is": lambda: held == values[0],
        "is_not": lambda: held == values[0],
        "on": lambda: held == values[0],
        "not_on": lambda: held == values[0],
        "one_of": lambda: held in values,
        "none_of": lambda: held in values,
        "contains": lambda: values[0] in held,
        "not_contains": lambda: values[0] in held,
        "starts": lambda: held.startswith(values[0]),
        "ends": lambda: held.endswith(values[0]),
        "more": lambda: held > values[0],
        "after": lambda: held > values[0],
        "less": lambda: held < values[0],
        "before": lambda: held < values[0],
        "at_least": lambda: held >= values[0],
        "at_most": lambda: held <= values[0],
        "between": lambda: values[0] <= held <= values[1],
        "true": lambda: held,
        "false": lambda: not held,
        "not_true": lambda: held,
    }
    return bool(answers[operator]())


NEGATIVE = {"is_not", "none_of", "not_contains", "not_on", "not_last_days", "not_true"}


def meets(operator: str, held: object, values: tuple[Any, ...]) -> bool:
    if operator in ("empty", "not_empty"):
        missing = held is None or (isinstance(held, str) and not held.strip(" "))
        return missing == (operator == "empty")
    return (held is not None and compares(operator, held, values)) != (operator in NEGATIVE)


def holds(rule: Rule, row: dict[str, Any], bought: list[dict[str, Any]]) -> bool:
    if isinstance(rule, Group):
        answers = [holds(inner, row, bought) for inner in rule.rules]
        return ((all if rule.match == "all" else any)(answers) if answers else True) != rule.negate
    if isinstance(rule, Condition):
        if rule.table:
            return any(meets(rule.operator, order[rule.column], rule.values) for order in bought)
        return meets(rule.operator, row[rule.column], rule.values)
    rows = [o for o in bought if rule.where is None or holds(rule.where, o, [])]
    amounts = [o["amount"] for o in rows if o["amount"] is not None]
    measures: dict[str, Callable[[], Any]] = {
        "exists": lambda: None,
        "count": lambda: len(rows),
        "sum": lambda: sum(amounts),
        "avg": lambda: sum(amounts) / len(amounts) if amounts else None,
        "min": lambda: min(amounts, default=None),
        "max": lambda: max(amounts, default=None),
    }
    measured = measures[rule.measure]()
    return bool(rows) if rule.measure == "exists" else meets(rule.operator, measured, rule.values)


def asked(rules: Group, profiles: list[Any], bought: list[Any]) -> set[int]:
    for name, columns in (("profiles", COLUMNS), ("Orders", ORDERS)):
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        ENGINE.execute(f"create or replace table {name} ({listed})")
    if profiles:
        rows = [[i, *row] for i, row in enumerate(profiles)]
        ENGINE.executemany("insert into profiles values (?, ?, ?, ?, ?)", rows)
    if bought:
        ENGINE.executemany("insert into Orders values (?, ?, ?, ?, null)", bought)
    found = ENGINE.execute(to_sql(rules, SCHEMA, PROFILE).text).fetchall()
    return {row[0] for row in found}


@settings(max_examples=100, deadline=None)
@given(TREES, people, orders)
def test_rules_select_whom_a_plain_reading_of_them_selects(
    rules: Group, profiles: list[Any], bought: list[Any]
) -> None:
    rows = [dict(zip(COLUMNS, (i, *row), strict=True)) for i, row in enumerate(profiles)]
    related_rows = [dict(zip(ORDERS, (*row, None), strict=True)) for row in bought]
    expected = {
        row["id"]
        for row in rows
        if holds(rules, row, [o for o in related_rows if o["id"] == row["id"]])
    }
    assert asked(rules, profiles, bought) == expected


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_rules_survive_json(rules: Group) -> None:
    assert from_json(to_json(rules)) == rules


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (Group("all", (Condition("", "nope", "is", ("x",)),)), "no column nope"),
        (Group("all", (Condition("nope", "city", "is", ("x",)),)), "no table nope"),
        (Group("all", (Condition("", "city", "more", ("x",)),)), "no operator more"),
        (Group("all", (Condition("", "city", "is", ()),)), "takes 1 value"),
        (Group("all", (Condition("", "score", "is", ("ten",)),)), "ten is not a number"),
        (Group("all", (Condition("", "score", "is", (True,)),)), "True is not a number"),
        (Group("all", (Condition("", "score", "is", ("nan",)),)), "can be compared"),
        (Group("all", (Condition("", "born", "on", ("soon",)),)), "soon is not a date"),
        (Group("all", (Condition("", "born", "last_days", (-1,)),)), "no number of days"),
        (Group("all", (Condition("", "city", "matches", ("(",)),)), "malformed"),
        (Group("all", (Condition("", "city", "matches", ("a(?=b)",)),)), "looks around"),
        (Group("all", (Condition("", "city", "matches", ("(a{99999}){99999}",)),)), "too much"),
        (Group("all", (Condition("", "city", "matches", ("(a{1000}){1000}",)),)), "too much"),
        (Group("all", (Condition("", "city", "matches", ("(?#c)a",)),)), "too odd"),
        (Group("all", (Condition("", "city", "matches", ("a{4294967296}",)),)), "too much"),
        (Group("all", (Condition("", "city", "matches", ("(" * 9000 + ")" * 9000,)),)), "too much"),
        (Group("all", (Related("orders", "sum", "what", "more", (1,)),)), "holds no numbers"),
        (Group("any", (Related("orders", "median", "amount", "more", (1,)),)), "no measure"),  # type: ignore[arg-type]
    ],
)
def test_a_rule_that_cannot_be_says_why_in_one_sentence(rules: Group, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        to_sql(rules, SCHEMA, PROFILE)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "match": "all"}',
        '{"match": "some"}',
        '{"match": "all", "rules": 1}',
        '{"match": "all", "rules": [1]}',
        '{"match": "all", "rules": [{"column": 1}]}',
        '{"match": "all", "rules": [{"column": "a", "values": {}}]}',
        '{"match": "all", "extra": 1}',
        '{"match": "all", "rules": [{"column": "a", "values": ["\\ud800"]}]}',
        "[" * 200_000,
        '{"match": "all", "not": "yes"}',
        '{"related": "orders", "measure": "exists"}',
    ],
)
def test_json_of_another_form_is_refused(document: str) -> None:
    with pytest.raises(RuleError):
        from_json(document)


def test_quotes_in_values_and_names_stay_inside_their_literal() -> None:
    hostile = "x'); drop table profiles; --"
    assert asked(
        Group("all", (Condition("", "city", "is", (hostile,)),)), [(hostile, 1, None, None)], []
    ) == {0}


@pytest.mark.parametrize(("own", "theirs"), [("BIGINT", "VARCHAR"), ("VARCHAR", "BIGINT")])
def test_a_key_that_is_no_number_matches_nobody_and_breaks_nothing(own: str, theirs: str) -> None:
    odd = {"VARCHAR": "('x')", "BIGINT": "(9)"}
    with duckdb.connect() as engine:
        engine.execute(f"create table profiles (id {own})")
        engine.execute(f"create table visits (id {theirs})")
        engine.execute(f"insert into profiles values ('1'), ('2'), {odd[own]}")
        engine.execute(f"insert into visits values ('1'), {odd[theirs]}")
        schema = (table("profiles", {"id": own}), table("visits", {"id": theirs}))
        query = to_sql(Group("all", (Related("visits", "exists"),)), schema, PROFILE)
        assert [str(row[0]) for row in engine.execute(query.text).fetchall()] == ["1"]
