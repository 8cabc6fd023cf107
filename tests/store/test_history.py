from lib.access import Person
from lib.settings import Settings
from lib.store import Store, history, open_store


def test_queries_are_kept_newest_first_across_restarts(
    store: Store, settings: Settings, viewer: Person
) -> None:
    history.record(store, viewer, "SELECT 1", ms=1.5, rows=1)
    history.record(store, viewer, "SELEKT", ms=0.2, error="That is no SELECT.")
    store.close()
    with open_store(settings) as again:
        found = history.all(again, viewer)
    assert [(one.sql, one.rows, one.error) for one in found] == [
        ("SELEKT", None, "That is no SELECT."),
        ("SELECT 1", 1, ""),
    ]


def test_queries_are_searched_by_their_text_literally(store: Store, viewer: Person) -> None:
    for sql in ("SELECT 100 AS percent", "SELECT name LIKE '100%'", "SELECT other_name"):
        history.record(store, viewer, sql, ms=1)
    assert len(history.all(store, viewer, search="select")) == 3
    assert len(history.all(store, viewer, search="100%")) == 1
    assert len(history.all(store, viewer, search="r_n")) == 1


def test_everybody_sees_their_own(
    store: Store, viewer: Person, contributor: Person, admin: Person
) -> None:
    history.record(store, viewer, "SELECT 1", ms=1)
    history.record(store, contributor, "SELECT 2", ms=1)
    assert [one.sql for one in history.all(store, viewer)] == ["SELECT 1"]
    assert [one.sql for one in history.all(store, admin)] == []


def test_only_the_newest_of_each_person_are_kept(
    store: Store, viewer: Person, contributor: Person
) -> None:
    history.record(store, contributor, "SELECT 0", ms=1)
    for number in range(8):
        history.record(store, viewer, f"SELECT {number}", ms=1, keep=5)
    assert [one.sql for one in history.all(store, viewer)] == [
        f"SELECT {number}" for number in (7, 6, 5, 4, 3)
    ]
    assert len(history.all(store, contributor)) == 1
