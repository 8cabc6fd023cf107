"""A job: the making of one plan, for whom, and who follows it."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.access import Person
from lib.errors import CancelledError
from lib.runs.plan.wish import Progress
from lib.settings import Settings
from lib.store import exports, plans
from lib.store.database import Store
from lib.store.exports import Export
from lib.store.plans import Plan, PlanState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What it takes to make a plan that has begun."""

    store: Store
    settings: Settings
    who: Person
    """May use the export's connection."""
    plan: Plan
    """In the state making."""
    progress: Progress = lambda phase, share: None
    """Told what is going on."""
    cancelled: Callable[[], bool] = lambda: False
    """Asked now and then."""

    @property
    def directory(self) -> Path:
        """Where the plan keeps its files."""
        return directory_of(self.settings, self.plan.id)

    def export(self) -> Export:
        """Read the export that the plan is of."""
        return exports.get(self.store, self.who, self.plan.export_id)

    def finish(self, counts: Mapping[str, Any], fingerprint: str, note: str) -> Plan:
        """Record that the plan is ready, and what else to know of it.

        Raises:
            CancelledError: somebody gave it up meanwhile.
        """
        now = plans.get(self.store, self.who, self.plan.id)
        if now.state is not PlanState.MAKING:
            raise CancelledError("The plan was cancelled; nothing was sent.")
        log.info("Plan %s is ready: %s.", now.id, json.dumps(counts["fates"]))
        return plans.finish(
            self.store,
            now.id,
            counts=counts,
            fingerprint=fingerprint,
            directory=str(self.directory),
            message=note,
        )


def directory_of(settings: Settings, plan_id: str) -> Path:
    """Return where a plan keeps its files."""
    return settings.runs_dir / "plans" / plan_id
