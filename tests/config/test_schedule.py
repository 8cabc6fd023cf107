"""How exports stand: what hinders them, when they run next, and who may manage them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.access import Person, Role
from lib.config import Office, schedule
from lib.contacts.matching import Matching
from lib.runs.schedule import WHY
from lib.settings import Settings, load
from lib.store import connections, consent, exports, open_store, refresh, rules, segments
from lib.store.exports import Export

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
CORA = Person("cora@muster.test", "Cora", Role.CONTRIBUTOR)
VERA = Person("vera@muster.test", "Vera", Role.VIEWER)


@pytest.fixture
def office(state: Path) -> Iterator[Office]:
    """Return an office in Oslo with one export, at noon before the clocks change."""
    settings = load(state=state, time_zone="Europe/Oslo")
    with open_store(settings, clock=lambda: NOW) as store:
        connections.add(store, ME, name="Main", api_key="0123abcd-us6", agreed=True, shared=True)
        segments.add(store, ME, name="All", sql="SELECT 1 AS profile_id")
        exports.add(
            store,
            ME,
            name="Weekly",
            connection="Main",
            audience_id="a",
            matching=Matching("email"),
            segments=["All"],
        )
        yield Office(settings, store, ME)


def weekly(office: Office) -> schedule.Standing:
    (found,) = schedule.overview(office)
    return found


def get_going(office: Office) -> Export:
    refresh.put(office.store, ME, "30 2 * * *")
    return rules.approve_rules(office.store, ME, "Weekly")


def test_what_runs_by_itself_says_when_as_dates(office: Office) -> None:
    export = get_going(office)
    stands = weekly(office)
    assert (stands.hindrance, stands.why, stands.follows) == ("", "", True)
    coming = schedule.next_runs(office, export, 3)
    assert stands.next_run == coming[0]
    assert [f"{at:%d %H:%M}" for at in coming] == ["29 01:00", "30 00:30", "31 00:30"]


Deed = Callable[[Office], object]
HINDERED: dict[str, Deed] = {
    "detached": lambda o: exports.detach(o.store, ME, "Weekly"),
    "inactive": lambda o: exports.edit(o.store, ME, "Weekly", active=False),
    "off": lambda o: rules.set_schedule(o.store, ME, ["Weekly"], "off"),
    "no_refresh": lambda o: refresh.put(o.store, ME, ""),
    "consent": lambda o: consent.withdraw(o.store, ME, "Main"),
    "rules": lambda o: exports.edit(o.store, ME, "Weekly", matching=Matching("other")),
    "user": lambda o: connections.edit(o.store, ME, "Main", export_user="gone@muster.test"),
}


@pytest.mark.parametrize("code", HINDERED)
def test_what_does_not_run_by_itself_says_why(office: Office, code: str) -> None:
    get_going(office)
    HINDERED[code](office)
    if code == "user":
        settings = office.settings.model_copy(update={"administrators": ("ada@muster.test",)})
        office = Office(settings, office.store, ME)
    stands = weekly(office)
    assert (stands.hindrance, stands.next_run) == (code, None)
    assert stands.why == WHY[code]


@pytest.mark.parametrize(
    ("who", "shared", "permission"),
    [
        (ME, False, "manage"),
        (CORA, True, "manage"),
        (CORA, False, "view"),
        (VERA, True, "view"),
    ],
)
def test_everybody_sees_the_exports_and_what_they_may_do(
    office: Office, who: Person, shared: bool, permission: str
) -> None:
    connections.edit(office.store, ME, "Main", shared=shared)
    assert weekly(Office(office.settings, office.store, who)).permission == permission


@pytest.mark.parametrize(
    ("user", "roster", "shared", "hindrance"),
    [
        ("ada@muster.test", {"administrators": ("Ada@muster.test",)}, False, ""),
        ("ada@muster.test", {"contributors": ("ada@muster.test",)}, True, ""),
        ("ada@muster.test", {"contributors": ("ada@muster.test",)}, False, "user"),
        ("ada@muster.test", {"viewers": ("ada@muster.test",)}, True, "user"),
        ("ada@muster.test", {"others": "viewer"}, True, "user"),
        ("ada@muster.test", {"administrators": ("group:IT",)}, False, ""),
        ("ada@muster.test", {"contributors": ("group:Sales",)}, False, "user"),
        ("ada@muster.test", {}, False, ""),
        ("root (command line)", {"administrators": ("ada@muster.test",)}, False, ""),
        ("local administrator", {"administrators": ("ada@muster.test",)}, False, ""),
        ("nobody at all", {"administrators": ("ada@muster.test",)}, True, "user"),
        (" (command line)", {"administrators": ("ada@muster.test",)}, True, "user"),
    ],
)
def test_the_export_user_must_still_be_allowed_to(
    office: Office, user: str, roster: dict[str, object], shared: bool, hindrance: str
) -> None:
    get_going(office)
    connections.edit(office.store, ME, "Main", export_user=user, shared=shared)
    settings: Settings = office.settings.model_copy(update=roster)
    assert weekly(Office(settings, office.store, ME)).hindrance == hindrance
