"""Orders: what stands in the store and waits for a worker."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.access import Person, Role
from lib.store import attempts, connections, plans, runs
from lib.store.acts import MACHINE
from lib.store.database import Store
from lib.store.runs import Run, RunState

WORKER = Person(MACHINE, "The worker", Role.ADMINISTRATOR)
"""Acts on what somebody with the right to it ordered."""


@dataclass(frozen=True, slots=True)
class Order:
    """A plan to be made, or a run to be carried out."""

    id: str
    plan_id: str
    run_id: str = ""
    audience: str = ""
    """Runs on one audience go one after the other, through whichever connection."""

    @property
    def plan_only(self) -> bool:
        """Whether it is a plan to be made."""
        return not self.run_id


def waiting(store: Store) -> tuple[Order, ...]:
    """List plans to be made and queued runs, oldest first."""
    making = [Order(plan.id, plan.id) for plan in plans.ordered(store, WORKER)]
    queued = runs.all(store, WORKER, state=RunState.QUEUED, limit=1_000)
    return (*making, *_of_runs(store, queued))


def unfinished(store: Store) -> tuple[Order, ...]:
    """List what waits, and what a worker took up and did not end."""
    running = runs.all(store, WORKER, state=RunState.RUNNING, limit=1_000)
    undecided = [Order(plan.id, plan.id) for plan in attempts.undecided(store)]
    return (*_of_runs(store, running), *undecided, *waiting(store))


def _of_runs(store: Store, newest_first: Sequence[Run]) -> Iterator[Order]:
    """Make orders of runs, oldest first."""
    places = _places(store) if newest_first else {}
    for run in reversed(newest_first):
        place = places.get(run.connection_id or "", run.connection_id)
        yield Order(run.id, run.plan_id or "", run.id, f"{place}/{run.audience_id}")


def _places(store: Store) -> dict[str, str]:
    """Return where each connection leads: several may lead to one account."""
    known = connections.all(store, WORKER)
    return {one.id: one.account_id or one.api_url or one.id for one in known}
