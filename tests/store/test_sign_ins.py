from lib.access import Person
from lib.settings import Settings
from lib.store import Store, audit, open_store, segments, sign_ins


def test_a_sign_in_is_written_once_and_a_later_one_again(store: Store, admin: Person) -> None:
    for mark in ("1000", "1000", "2000"):
        sign_ins.begun(store, "ada@muster.test", mark, admitted=True)
    sign_ins.begun(store, "eve@muster.test", "1000", admitted=False)
    sign_ins.begun(store, "eve@muster.test", "1000", admitted=False)
    sign_ins.ended(store, "ada@muster.test", "2000")
    found = audit.entries(store, admin, noun="sign-in")
    assert [(one.who, one.verb, one.ref) for one in reversed(found)] == [
        ("ada@muster.test", "signed in", "1000"),
        ("ada@muster.test", "signed in", "2000"),
        ("eve@muster.test", "was refused", "1000"),
        ("ada@muster.test", "signed out", "2000"),
    ]


def test_who_got_a_role_afterwards_is_written_as_let_in(store: Store, admin: Person) -> None:
    sign_ins.begun(store, "eve@muster.test", "1000", admitted=False)
    sign_ins.begun(store, "eve@muster.test", "1000", admitted=True)
    verbs = [one.verb for one in audit.entries(store, admin)]
    assert verbs == ["signed in", "was refused"]


def test_from_where_is_asked_at_every_entry_and_the_seals_hold(
    settings: Settings, admin: Person
) -> None:
    places = iter(["browser at 192.0.2.1", "browser at 192.0.2.2"])
    with open_store(settings, origin=lambda: next(places)) as store:
        segments.add(store, admin, name="Gold", sql="SELECT 1")
        segments.remove(store, admin, "Gold")
    with open_store(settings) as store:
        found = audit.entries(store, admin, search="192.0.2")
        assert [one.origin for one in found] == ["browser at 192.0.2.2", "browser at 192.0.2.1"]
        assert audit.verify(store, admin).broken_at is None
