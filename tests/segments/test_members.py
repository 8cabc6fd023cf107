from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import MatchingError
from lib.segments.members import (
    SegmentQuery,
    count_each,
    count_members,
    select_members,
    select_rows,
)
from lib.sql import Sql

# One thread: the tables are tiny, and handing them to a second costs more than it saves.
ENGINE = duckdb.connect(config={"threads": 1})
PROFILE = SimpleNamespace(name="profiles", key="Id")
ENGINE.execute(
    """create table profiles as select i as id, 'p' || i as email, 'n' || i as name
    from range(8) r(i) union all select 3, 'q3', 'second row of one profile'"""
)


def ask(sql: Sql) -> list[Any]:
    return ENGINE.execute(sql.text, sql.params).fetchall()


def segment(name: str, keys: list[int], own: str = "") -> SegmentQuery:
    rows = (
        " union all ".join(f"select {key} as id{own}" for key in keys)
        or f"select 1 as id{own} limit 0"
    )
    return SegmentQuery(name, Sql(rows), ("id", "email") if own else ("id",))


keys = st.lists(st.integers(0, 9), max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(keys, min_size=1, max_size=4))
def test_the_union_has_each_profile_once_with_all_its_segments(lists: list[list[int]]) -> None:
    segments = [segment(f"S{i}", listed) for i, listed in enumerate(lists)]
    rows = ask(select_members(segments, PROFILE, ("email",)))
    everyone = {str(key) for listed in lists for key in listed}
    assert sorted(row[0] for row in rows) == sorted(everyone)
    for key, email, names in rows:
        assert names == [f"S{i}" for i, listed in enumerate(lists) if int(key) in listed]
        assert email == (None if int(key) > 7 else f"p{key}")
    assert ask(count_members(segments, PROFILE)) == [(len(everyone),)]
    expected = [(i, f"S{i}", len(set(listed))) for i, listed in enumerate(lists)]
    assert ask(count_each(segments, PROFILE)) == expected


@settings(max_examples=40, deadline=None)
@given(keys)
def test_rows_as_they_come_are_the_members_as_often_as_the_segment_gives_them(
    listed: list[int],
) -> None:
    fans = segment("Fans", listed, ", 'own' as email")
    rows = ask(select_rows(fans, PROFILE, ("email",)))
    assert sorted(rows) == sorted((str(key), "own") for key in listed)
    folded = ask(select_members([fans], PROFILE, ("email",)))
    assert {row[:2] for row in folded} == set(rows)


def test_rows_without_a_key_do_not_come_either() -> None:
    some = Sql("select * from (values (1, 'a'), (null, 'b')) v(id, email)")
    query = SegmentQuery("Some", some, ("id", "email"))
    assert ask(select_rows(query, PROFILE, ("email",))) == [("1", "a")]
    with pytest.raises(MatchingError, match="does not return"):
        select_rows(query, None, ("name",))


def test_a_segments_own_column_wins_and_the_first_segment_that_has_it() -> None:
    own = segment("Own", [1, 1, 2], ", 'own' as email")
    other = segment("Other", [2, 3], ", 'other' as EMAIL")
    plain = segment("Plain", [3, 4])
    rows = ask(select_members([own, other, plain], PROFILE, ("email", "name")))
    assert sorted(rows) == [
        ("1", "own", "n1", ["Own"]),
        ("2", "own", "n2", ["Own", "Other"]),
        ("3", "other", "n3", ["Other", "Plain"]),
        ("4", "p4", "n4", ["Plain"]),
    ]


def test_fan_out_gives_one_whole_row_always_the_same() -> None:
    fan = "select 1 as id, v.a as a, v.b as b from (values ('x', 2), ('w', 9), ('x', 1)) v(a, b)"
    rows = ask(
        select_members([SegmentQuery("Fan", Sql(fan), ("id", "a", "b"))], PROFILE, ("a", "b"))
    )
    assert rows == [("1", "w", 9, ["Fan"])]


def test_rows_without_a_key_are_no_profiles() -> None:
    query = SegmentQuery("Lost", Sql("select null::int as id union all select 1"), ("id",))
    assert [row[0] for row in ask(select_members([query], PROFILE, ("email",)))] == ["1"]


def test_a_segment_without_the_key_is_its_distinct_rows() -> None:
    rows = "select v.e as email, v.x from (values ('a', 1), ('a', 2), ('b', 1)) v(e, x)"
    query = SegmentQuery("Free", Sql(rows), ("email", "x"))
    assert sorted(row[1] for row in ask(select_members([query], None, ("email",)))) == ["a", "b"]
    assert ask(count_members([query], None, ("email",))) == [(2,)]
    assert ask(count_members([query], None)) == [(3,)]


def test_bound_values_keep_their_places() -> None:
    one = SegmentQuery(
        "One", Sql("select id, ? as email from profiles where id = ?", ("a", 1)), ("id", "email")
    )
    two = SegmentQuery("Two", Sql("select id from profiles where id = ? -- why", (2,)), ("id",))
    rows = ask(select_members([one, two], PROFILE, ("email",)))
    assert sorted(rows) == [("1", "a", ["One"]), ("2", "p2", ["Two"])]


@pytest.mark.parametrize("name", ["members", "muster", "hits", "found", "s0"])
def test_a_table_of_the_warehouse_may_have_any_name(name: str) -> None:
    ENGINE.execute(f"create or replace temp table {name} as select 5 as id")
    query = SegmentQuery("Own", Sql(f"select id from {name}"), ("id",))
    assert [row[0] for row in ask(select_members([query, query], PROFILE, ()))] == ["5"]


def test_a_name_with_quotes_stays_a_name() -> None:
    name = 'Kari\'s "best"; drop table profiles'
    assert ask(select_members([segment(name, [1])], PROFILE, ()))[0][1] == [name]


def test_what_cannot_be_provided_is_named() -> None:
    query = SegmentQuery("Free", Sql("select 1 as x"), ("x",))
    with pytest.raises(MatchingError, match="Free does not return the column email"):
        select_members([query], PROFILE, ("email",))
    with pytest.raises(MatchingError, match="at least one segment"):
        select_members([], PROFILE, ("email",))
    with pytest.raises(MatchingError, match="muster_key as my_muster_key"):
        select_members([segment("S", [1])], PROFILE, ("muster_key",))


def test_a_column_may_be_called_as_a_contact_has_it() -> None:
    query = SegmentQuery(
        "S", Sql("select 1 as id, 'k' as key, 's' as segments"), ("id", "key", "segments")
    )
    rows = ask(select_members([query], PROFILE, ("key", "segments")))
    assert rows == [("1", "k", "s", ["S"])]


@pytest.mark.parametrize("kind", ["double", "float", "decimal(12, 2)", "hugeint", "varchar"])
def test_the_same_key_in_another_type_is_the_same_profile(kind: str) -> None:
    ENGINE.execute(
        f'create or replace table "of {kind}" as select * replace (id::{kind} as id) from profiles'
    )
    table = SimpleNamespace(name=f"of {kind}", key="id")
    whole, other = (
        segment("Whole", [1, 2]),
        SegmentQuery("Other", Sql(f"select unnest([2, 3])::{kind} as id"), ("id",)),
    )
    for profiles in (PROFILE, table):
        rows = ask(select_members([whole, other], profiles, ("email",)))
        assert sorted((key, email[1:]) for key, email, _ in rows) == [
            ("1", "1"), ("2", "2"), ("3", "3")
        ]  # fmt: skip
        assert ask(count_members([whole, other], profiles)) == [(3,)]


def test_keys_that_only_look_alike_are_different_profiles() -> None:
    texts = SegmentQuery("Texts", Sql("select unnest(['1', '01', '1.0', '1.00']) as id"), ("id",))
    parts = SegmentQuery("Parts", Sql("select unnest([1.5, 10.0, 1.0]) as id"), ("id",))
    assert ask(count_members([texts], PROFILE)) == [(4,)]
    found = ask(select_members([texts, parts], PROFILE, ()))
    assert sorted(key for key, _ in found) == ["01", "1", "1.0", "1.00", "1.5", "10"]
