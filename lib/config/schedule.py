"""Exports as everybody lists them: how each stands, when it runs next, and what hinders it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lib import cron
from lib.access import Action, Role, may, require
from lib.config import Office
from lib.errors import ForbiddenError
from lib.runs import attempts, process, schedule
from lib.store import attempts as kept
from lib.store import exports, firings, refresh, runs, timetable
from lib.store.attempts import Trigger
from lib.store.exports import Export
from lib.store.firings import Firing
from lib.store.runs import Run


@dataclass(frozen=True, slots=True)
class Standing:
    """How an export stands."""

    export: Export
    last_run: Run | None
    """Its state is the export's status."""
    next_run: datetime | None
    """None when it does not run by itself; ``hindrance`` says why."""
    hindrance: str
    """Code of ``lib.runs.schedule.WHY``; empty when it runs by itself."""
    follows: bool
    """It runs with the refresh, having no schedule of its own."""
    permission: Literal["view", "manage"]
    last_firing: Firing | None = None
    """When it last was due; its note tells why nothing was attempted, or what was missed."""

    @property
    def why(self) -> str:
        """The hindrance in words."""
        return schedule.WHY.get(self.hindrance, "")


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt that was begun."""

    name: str
    """Of the export."""
    plan_id: str
    """``runs.of_plan`` gives its run, once its plan was made and decided."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh by hand came to."""

    started: tuple[Started, ...]
    skipped: tuple[tuple[str, str], ...]
    """Name of the export, and why it was not run."""


def overview(office: Office) -> tuple[Standing, ...]:
    """Return how every export stands, by name."""
    store, who, now = office.store, office.who, office.store.clock()
    last, fired = runs.newest(store, who), firings.newest(store, who)
    chosen, terms = refresh.get(store), timetable.terms(store, who)

    def standing(export: Export) -> Standing:
        hindrance = schedule.hindrance(export, chosen, terms, office.settings)
        coming = schedule.next_runs(export, chosen, office.settings, now, 1)
        return Standing(
            export=export,
            last_run=last.get(export.id),
            next_run=coming[0] if coming and not hindrance else None,
            hindrance=hindrance,
            follows=export.follows,
            permission="manage" if _manages(office, shared=export.connection_shared) else "view",
            last_firing=fired.get(export.id),
        )

    return tuple(standing(export) for export in exports.all(store, who))


def next_runs(office: Office, export: Export, count: int) -> tuple[datetime, ...]:
    """Return when an export comes due next, whether or not something hinders it then."""
    chosen, now = refresh.get(office.store), office.store.clock()
    return schedule.next_runs(export, chosen, office.settings, now, count)


def next_refreshes(office: Office, count: int) -> tuple[datetime, ...]:
    """Return when the refresh comes next; nothing when there is none."""
    chosen = refresh.get(office.store).cron
    if not chosen:
        return ()
    return cron.upcoming(chosen, office.settings.time_zone, office.store.clock(), count)


def refresh_now(office: Office) -> Refreshed:
    """Run every export that runs by itself, now, each within its rails; a worker does it.

    Raises:
        ForbiddenError: the role may not run exports.
        SetupError: no worker could be started.
    """
    require(office.who, Action.RUN_EXPORTS)
    by_itself = [one for one in overview(office) if one.hindrance not in schedule.IDLE]
    return _attempt(office, by_itself, "refresh")


def run_all(office: Office, refs: Sequence[str]) -> Refreshed:
    """Run these exports now, each within its rails, whatever their schedule; a worker does it.

    Raises:
        ForbiddenError: the role may not run exports.
        NotFoundError: one of them does not exist; none is run.
        SetupError: no worker could be started.
    """
    require(office.who, Action.RUN_EXPORTS)
    wanted = {exports.get(office.store, office.who, ref).id for ref in refs}
    return _attempt(office, [one for one in overview(office) if one.export.id in wanted], "hand")


def outcome(office: Office, started: Started) -> Run | str | None:
    """Return the run of an attempt, or why it has none; None while it is planned."""
    run = runs.of_plan(office.store, office.who, started.plan_id)
    if run is None and not firings.waits(office.store, started.plan_id):
        return kept.BUSY
    return run


def _attempt(office: Office, standings: Sequence[Standing], trigger: Trigger) -> Refreshed:
    started, skipped = [], []
    for one in standings:
        try:
            kept.ask(office.store, office.who, one.export.id)
        except ForbiddenError as error:
            skipped.append((one.export.name, str(error)))
            continue
        fired = attempts.attempt(
            office.store, office.settings, one.export.id, office.store.clock(), trigger=trigger
        )
        if fired is not None and fired.plan_id is not None:
            started.append(Started(one.export.name, fired.plan_id))
        else:
            skipped.append((one.export.name, fired.note if fired else kept.BUSY))
    if started:
        process.ensure(office.settings)
    return Refreshed(tuple(started), tuple(skipped))


def _manages(office: Office, *, shared: bool) -> bool:
    is_admin = office.who.role is Role.ADMINISTRATOR
    return may(office.who, Action.EDIT_EXPORTS) and (is_admin or shared)
