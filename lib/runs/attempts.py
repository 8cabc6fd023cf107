"""Attempts without a person: what comes due is fired, its plan measured, and run or stopped.

Each step is one transaction of the store and can be begun again: a firing writes the plan that
the worker takes as an order; a plan that is ready is decided once, as it has one run.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from lib import cron
from lib.access import Person
from lib.errors import ForbiddenError, InputError, InUseError, NotFoundError, RefusedError
from lib.runs import contract, mishaps, schedule
from lib.runs.orders import WORKER
from lib.runs.sending import rails
from lib.settings import Settings
from lib.store import attempts, exports, plans, refresh, timetable
from lib.store.attempts import Trigger
from lib.store.database import Store
from lib.store.export_record import Export
from lib.store.firings import Firing
from lib.store.plans import Plan, PlanState
from lib.store.refresh import Refresh
from lib.store.runs import RunState
from lib.store.timetable import Turn

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often it is looked whether something is due, in seconds: two short queries each."""
PAUSE_S = 30.0
"""How long to wait when looking went wrong, in seconds."""
KEPT = timedelta(days=90)
"""How long it is kept what became of each moment at which an export was due."""
LATE = timedelta(minutes=2)
"""What is found due later than this was missed: no worker was there."""


@contextmanager
def watch(store: Store, settings: Settings, *, every_s: float = LOOK_S) -> Iterator[None]:
    """Fire what comes due, for the length of the block, in a thread of its own."""
    over = threading.Event()

    def keep_watch() -> None:
        while not over.is_set():
            try:
                look(store, settings)
            except Exception as error:
                log.warning("The schedule waits: %s", mishaps.said(error, "looking what is due"))
                over.wait(PAUSE_S)
            over.wait(every_s)

    thread = threading.Thread(target=keep_watch, name="schedule", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def look(store: Store, settings: Settings) -> tuple[Firing, ...]:
    """Fire what is due now, each export at most once, however often it was missed."""
    chosen, now = refresh.get(store), store.clock()
    fired = []
    for turn in timetable.turns(store):
        with suppress(NotFoundError):  # removed a moment ago
            fired.append(_fire(store, settings, chosen, turn, now))
    return tuple(firing for firing in fired if firing is not None)


def _fire(
    store: Store, settings: Settings, chosen: Refresh, turn: Turn, now: datetime
) -> Firing | None:
    expression, since = turn.schedule, turn.since
    if not expression:
        expression, since = chosen.cron, max(since, chosen.since or since)
    if not expression or now < _next(expression, settings.time_zone, since):
        return None
    due = cron.due(expression, settings.time_zone, since, now)
    if due is None:
        return None
    late = now - due.at > LATE
    trigger: Trigger = "missed" if late else "refresh" if not turn.schedule else "schedule"
    note = _missed(due, settings, late=late)
    return attempt(store, settings, turn.export_id, due.at, trigger=trigger, note=note)


def attempt(
    store: Store,
    settings: Settings,
    export_id: str,
    due_at: datetime,
    *,
    trigger: Trigger,
    note: str = "",
) -> Firing | None:
    """Fire an export now, or let the moment pass and say what forbids it.

    Returns:
        The firing, with a plan when there is an attempt; None when this moment was dealt with.

    Raises:
        NotFoundError: the export is gone.
    """
    export = exports.get(store, WORKER, export_id)
    terms = timetable.terms(store, WORKER)
    refused = schedule.refusal(export, terms, settings)
    if refused:
        log.info("Export %s was due and did not run: %s.", export.id, refused)
        # What nobody ever let run by itself has not ceased to.
        ceased = trigger != "hand" and export.rules_approved_by is not None
        return attempts.skip(store, export.id, due_at, schedule.WHY[refused], tell=ceased)
    by = terms[export.connection_id or ""].export_user
    fired = attempts.begin(store, export.id, due_at, trigger=trigger, by=by, note=note)
    if fired is not None:
        log.info("Export %s was due and has %s.", export.id, fired.plan_id or "a run under way")
    return fired


def reader(store: Store, settings: Settings, plan: Plan) -> Person:
    """Return on whose behalf a plan is made: the export user when no person asked for it.

    Raises:
        ForbiddenError: the export user may not run exports any more.
        RefusedError: the export was detached since.
    """
    if not plan.trigger:
        return WORKER
    export = exports.get(store, WORKER, plan.export_id)
    found = _reader(store, settings, export)
    if found is None:
        raise ForbiddenError(schedule.WHY["user"])
    return found


def decide(store: Store, settings: Settings, plan_id: str) -> None:
    """Let the plan of an attempt be carried out by the rules, or end the attempt and say why."""
    plan = plans.get(store, WORKER, plan_id)
    if not plan.trigger or plan.state is PlanState.MAKING:
        return
    if plan.state is PlanState.FAILED:
        attempts.end(store, plan.id, RunState.FAILED, plan.message)
        return
    try:
        _carry_out(store, settings, plan)
    except InUseError as error:
        attempts.give_up(store, plan.id, str(error))
    except Exception as error:
        words = mishaps.said(error, f"deciding on plan {plan.id}")
        attempts.end(store, plan.id, RunState.FAILED, words)


def _carry_out(store: Store, settings: Settings, plan: Plan) -> None:
    export = exports.get(store, WORKER, plan.export_id)
    refused = schedule.refusal(export, timetable.terms(store, WORKER), settings)
    if refused:
        raise RefusedError(schedule.WHY[refused])
    before = attempts.before(store, export.id)
    found = rails.breach(export.guard, plan.counts, before, doubt=plan.message)
    if found is not None and not plan.counts.get("over_limit"):
        log.info("Plan %s goes beyond %s.", plan.id, found.rail)
        attempts.end(store, plan.id, RunState.STOPPED, found.message, found.rail)
        return
    contract.require_room(store, settings, reader(store, settings, plan), plan)
    attempts.carry_out(store, plan.id)


def _reader(store: Store, settings: Settings, export: Export) -> Person | None:
    if export.connection_id is None:
        raise RefusedError(schedule.WHY["detached"])
    return schedule.reader(timetable.terms(store, WORKER)[export.connection_id], settings)


@lru_cache(maxsize=4096)
def _next(expression: str, zone: str, since: datetime) -> datetime:
    """When it comes due after that; known by heart, as it is asked every second."""
    try:
        return next(iter(cron.upcoming(expression, zone, since, 1)), _NEVER)
    except InputError:
        return _NEVER  # kept by an older version; the list of exports says so


_NEVER = datetime.max.replace(tzinfo=UTC)


def _missed(due: cron.Due, settings: Settings, *, late: bool) -> str:
    """Say in words what was missed; empty when nothing was."""
    at = f"{due.at.astimezone(ZoneInfo(settings.time_zone)):%Y-%m-%d %H:%M}"
    many = f"{due.before} times" if due.before > 1 else "once"
    many = f"at least {many}" if due.before == cron.MANY else many
    if late and due.before:
        return f"It was due at {at} and {many} before, and no worker was there; it ran once."
    if late:
        return f"It was due at {at}, and no worker was there."
    if due.before:
        return f"It was due {many} before while no worker was there; it ran once."
    return ""
