from typing import TYPE_CHECKING

import pytest

from lib.access import Person
from lib.errors import InputError, InUseError, NameTakenError, NotFoundError
from lib.store import Store, counts, segments

if TYPE_CHECKING:
    from tests.store.conftest import World


def test_a_segment_is_kept_and_found_by_name_or_id(store: Store, admin: Person) -> None:
    made = segments.add(store, admin, name=" Gold ", sql=" SELECT 1 ", description="d", rules="{}")
    assert (made.name, made.sql, made.description, made.rules) == ("Gold", "SELECT 1", "d", "{}")
    assert segments.get(store, admin, "gold") == segments.get(store, admin, made.id) == made


def test_new_sql_without_rules_ends_the_rules(store: Store, admin: Person) -> None:
    segments.add(store, admin, name="Gold", sql="SELECT 1", rules="{}")
    assert segments.edit(store, admin, "gold", description="x").rules == "{}"
    assert segments.edit(store, admin, "gold", sql="SELECT 2").rules is None
    with pytest.raises(InputError):
        segments.edit(store, admin, "gold", rules="{}")


def test_a_segment_without_query_is_refused(store: Store, admin: Person) -> None:
    with pytest.raises(InputError, match="query"):
        segments.add(store, admin, name="Gold", sql="  ")


def test_a_duplicate_is_its_own_segment(store: Store, admin: Person) -> None:
    first = segments.add(store, admin, name="Gold", sql="SELECT 1", rules="{}")
    copy = segments.duplicate(store, admin, "Gold", "Gold too")
    assert (copy.sql, copy.rules) == (first.sql, first.rules)
    segments.edit(store, admin, copy.id, sql="SELECT 2")
    assert segments.get(store, admin, "Gold").sql == "SELECT 1"


def test_renaming_to_a_name_that_is_taken_is_refused(store: Store, admin: Person) -> None:
    segments.add(store, admin, name="Gold", sql="SELECT 1")
    segments.add(store, admin, name="Silver", sql="SELECT 1")
    with pytest.raises(NameTakenError):
        segments.rename(store, admin, "Silver", "gold")
    assert segments.rename(store, admin, "Silver", "Bronze").name == "Bronze"


def test_a_segment_in_use_is_not_removed_and_its_exports_are_named(
    store: Store, world: "World", admin: Person
) -> None:
    export = world.export("Weekly")
    assert segments.get(store, admin, "In Weekly").used_by == ("Weekly",)
    assert segments.all(store, admin)[0].used_by == ("Weekly",)
    with pytest.raises(InUseError, match="“Weekly”"):
        segments.remove(store, admin, export.segment_ids[0])


def test_removing_takes_the_counts_along(store: Store, admin: Person) -> None:
    segments.add(store, admin, name="Gold", sql="SELECT 1")
    counts.record(store, admin, "gold", 10)
    segments.remove(store, admin, "gold")
    assert counts.newest(store, admin) == {}
    with pytest.raises(NotFoundError):
        segments.get(store, admin, "gold")


def test_counts_make_a_trend_and_know_whether_they_are_of_the_present_query(
    store: Store, admin: Person
) -> None:
    made = segments.add(store, admin, name="Gold", sql="SELECT 1")
    for number in (10, 20, 30):
        counts.record(store, admin, made.id, number, version="v1")
    assert [one.count for one in counts.trend(store, admin, "gold")] == [10, 20, 30]
    assert [one.count for one in counts.trend(store, admin, "gold", limit=2)] == [20, 30]
    assert counts.newest(store, admin)[made.id].fresh
    segments.edit(store, admin, "gold", sql="SELECT 2")
    newest = counts.newest(store, admin)[made.id]
    assert (newest.count, newest.version, newest.fresh) == (30, "v1", False)
