import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from lib.access import Person
from lib.errors import NameTakenError
from lib.settings import Settings
from lib.store import Store, audit, choices, connections, open_store, segments

if TYPE_CHECKING:
    from tests.store.conftest import World


def tamper(settings: Settings, *statements: str) -> None:
    with sqlite3.connect(settings.state / "store.db") as db:
        db.execute("DROP TRIGGER audit_is_append_only_UPDATE")
        db.execute("DROP TRIGGER audit_is_append_only_DELETE")
        for statement in statements:
            db.execute(statement)


def test_every_change_is_written_with_who_what_and_where_from(
    settings: Settings, admin: Person
) -> None:
    with open_store(settings, origin="command line") as store:
        made = segments.add(store, admin, name="Gold", sql="SELECT 1")
        segments.rename(store, admin, "gold", "Silver")
        segments.remove(store, admin, "silver")
        found = audit.entries(store, admin)
    assert [entry.verb for entry in found] == ["removed", "changed", "added"]
    assert {(entry.who, entry.origin, entry.noun, entry.ref) for entry in found} == {
        (admin.email, "command line", "segment", made.id)
    }
    assert '"name":"Gold"' in found[1].old and '"name":"Silver"' in found[1].new
    assert "sql" not in found[1].new
    assert (found[0].new, found[2].old) == ("", "")


def test_what_was_refused_is_not_written(store: Store, world: "World", admin: Person) -> None:
    world.connection("Main")
    before = audit.verify(store, admin)
    with pytest.raises(NameTakenError):
        connections.add(store, admin, name="main", api_key="k-us1", agreed=True)
    assert audit.verify(store, admin) == before


def test_a_whole_log_is_whole(store: Store, world: "World", admin: Person) -> None:
    assert audit.verify(store, admin) == audit.Verdict(0, None)
    world.run()
    verdict = audit.verify(store, admin)
    assert verdict.entries > 3 and verdict.broken_at is None


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET who = 'somebody else' WHERE seq = 2", 2),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE seq = 1", 1),
        ("UPDATE audit SET new = '{}' WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit", 1),
    ],
)
def test_tampering_is_found(
    settings: Settings, admin: Person, statement: str, broken_at: int
) -> None:
    with open_store(settings) as store:
        for name in ("A", "B", "C"):
            segments.add(store, admin, name=name, sql="SELECT 1")
    tamper(settings, statement)
    with open_store(settings) as store:
        assert audit.verify(store, admin).broken_at == broken_at


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_log(
    store: Store, world: "World", settings: Settings, statement: str
) -> None:
    world.connection()
    with (
        sqlite3.connect(settings.state / "store.db") as db,
        pytest.raises(sqlite3.DatabaseError, match="append-only"),
    ):
        db.execute(statement)


def test_entries_are_narrowed(store: Store, admin: Person, contributor: Person) -> None:
    gold = segments.add(store, admin, name="Gold", sql="SELECT 1")
    segments.add(store, contributor, name="Silver", sql="SELECT 1")
    choices.put(store, admin, "refresh", {"cron": "0 6 * * *"})
    assert len(audit.entries(store, admin, noun="segment")) == 2
    assert len(audit.entries(store, admin, by=contributor.email)) == 1
    assert len(audit.entries(store, admin, search="silver")) == 1
    assert len(audit.entries(store, admin, search=contributor.email[:6])) == 1
    assert len(audit.entries(store, admin, search="Choice")) == 1
    streamed = audit.stream(store, admin, audit.Filter(noun="segment"))
    assert [one.name for part in streamed for one in part] == ["Gold", "Silver"]
    assert len(audit.entries(store, admin, limit=1)) == 1
    assert len(audit.entries(store, admin, since=gold.created_at)) == 3


def test_the_chain_holds_when_many_write_at_once(store: Store, admin: Person) -> None:
    threads = [
        threading.Thread(
            target=lambda n=n: segments.add(store, admin, name=f"S{n}", sql="SELECT 1")
        )
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(store, admin) == audit.Verdict(20, None)


def test_choices_are_kept_and_have_a_default(store: Store, admin: Person) -> None:
    assert choices.get(store, "refresh", "off") == "off"
    choices.put(store, admin, "refresh", ["0 6 * * *"])
    choices.put(store, admin, "refresh", {"cron": None})
    assert choices.get(store, "refresh") == {"cron": None}
