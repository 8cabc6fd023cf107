from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.access import LOCAL_ADMINISTRATOR, Person, Role
from lib.contacts.matching import FieldMatch, Matching
from lib.settings import Settings, load
from lib.store import Store, batches, connections, exports, open_store, plans, progress, segments
from lib.store.batches import Range
from lib.store.connections import Connection
from lib.store.exports import Export
from lib.store.plans import Plan
from lib.store.runs import Run

ADMIN = LOCAL_ADMINISTRATOR
MATCHING = Matching("email", (FieldMatch("FNAME", "first_name"),))


@dataclass
class World:
    """Short ways to have things in the store."""

    store: Store

    def connection(self, name: str = "Main", *, shared: bool = True) -> Connection:
        return connections.add(
            self.store, ADMIN, name=name, api_key="0123abcd-us6", agreed=True, shared=shared
        )

    def export(self, name: str = "Weekly", *, shared: bool = True) -> Export:
        connection = self.connection(f"To {name}", shared=shared)
        segment = segments.add(self.store, ADMIN, name=f"In {name}", sql="SELECT 1 AS profile_id")
        return exports.add(
            self.store,
            ADMIN,
            name=name,
            connection=connection.id,
            audience_id="a1b2c3",
            matching=MATCHING,
            segments=[segment.id],
        )

    def plan(self, export: Export, fates: Mapping[str, int] | None = None, over: int = 0) -> Plan:
        made = plans.begin(self.store, ADMIN, export.id, directory="runs/x")
        counts = {"fates": dict(fates or {"added": 900, "updated": 100}), "over_limit": over}
        return plans.finish(self.store, made.id, counts=counts, fingerprint=f"print of {made.id}")

    def approved(self, export: Export, fates: Mapping[str, int] | None = None) -> Plan:
        return plans.approve(self.store, ADMIN, self.plan(export, fates).id)

    def approved_again(self, export_id: str) -> Plan:
        return self.approved(exports.get(self.store, ADMIN, export_id))

    def run(self, name: str = "Weekly", fates: Mapping[str, int] | None = None) -> Run:
        plan = self.approved(self.export(name), fates)
        return progress.request(self.store, ADMIN, plan.id)

    def sending(self, sizes: list[int], name: str = "Weekly") -> Run:
        fates = {"added": sum(sizes), "unchanged": 7, "suppressed": 3}
        run = self.run(name, fates)
        progress.begin(self.store, run.id)
        progress.enter(self.store, run.id, "sending")
        first, ranges = 0, []
        for size in sizes:
            ranges.append(Range(first, first + size - 1, size))
            first += size
        batches.plan(self.store, run.id, ranges)
        return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(state=tmp_path / "state", store_url="", secret_key="")


@pytest.fixture
def store(settings: Settings, state: Path) -> Iterator[Store]:
    with open_store(settings) as opened:
        yield opened


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture(scope="session")
def world_of() -> type[World]:
    return World


@pytest.fixture
def admin() -> Person:
    return ADMIN


@pytest.fixture
def contributor() -> Person:
    return Person("cora@muster.test", "Cora", Role.CONTRIBUTOR)


@pytest.fixture
def viewer() -> Person:
    return Person("vera@muster.test", "Vera", Role.VIEWER)
