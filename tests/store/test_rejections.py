from typing import TYPE_CHECKING

from lib.access import Person
from lib.settings import Settings
from lib.store import Store, audit, batches, rejections
from lib.store.rejections import Rejection

if TYPE_CHECKING:
    from tests.store.conftest import World


def refuse(store: Store, run_id: str, seq: int, found: list[Rejection]) -> None:
    batches.mark_sent(store, run_id, seq)
    batches.mark_answered(store, run_id, seq, created=0, updated=0, rejections=found)


def test_rejections_are_listed_and_counted(store: Store, world: "World", admin: Person) -> None:
    run = world.sending([30, 10])
    fake = [Rejection(f"a{n}@x.test", code="FAKE", message="looks fake") for n in range(30)]
    long = [Rejection(f"b{n}@x.test", code="LONG", message="100% too long") for n in range(10)]
    refuse(store, run.id, 0, fake)
    refuse(store, run.id, 1, long)
    listed = rejections.page(store, admin, run.id, limit=35)
    assert [one.email for one in listed] == [one.email for one in (*fake, *long)][:35]
    assert rejections.count(store, admin, run.id) == 40


def test_all_rejections_stream_in_chunks(store: Store, world: "World", admin: Person) -> None:
    run = world.sending([1_500] * 8)
    for seq in range(8):
        refuse(store, run.id, seq, [Rejection(f"{seq}.{n}@x.test") for n in range(1_500)])
    chunks = list(rejections.stream(store, admin, run.id))
    assert [len(chunk) for chunk in chunks] == [5_000, 5_000, 2_000]
    assert len({one.email for chunk in chunks for one in chunk}) == 12_000


def test_one_address_is_purged_from_every_run_however_it_was_written(
    store: Store, world: "World", admin: Person, settings: Settings
) -> None:
    for name in ("One", "Two"):
        run = world.sending([3], name)
        refuse(
            store,
            run.id,
            0,
            [Rejection("Ada@Example.test"), Rejection("ada@example.test"), Rejection("b@x.test")],
        )
    assert rejections.purge(store, admin, " ADA@example.TEST ") == 4
    assert rejections.purge(store, admin, "ada@example.test") == 0
    kept = b"".join(path.read_bytes() for path in settings.state.glob("store.db*"))
    assert b"ada@example" not in kept.lower()
    assert all("ada" not in entry.new for entry in audit.entries(store, admin))


def test_a_lone_member_id_is_purged_as_well(store: Store, world: "World", admin: Person) -> None:
    import hashlib

    run = world.sending([1])
    member = hashlib.md5(b"ada@example.test").hexdigest()
    refuse(store, run.id, 0, [Rejection("", member_id=member)])
    assert rejections.purge(store, admin, "Ada@example.test") == 1
