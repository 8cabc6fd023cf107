"""The stages of a plan and of a run, each safe to begin again after the process was killed.

Every stage says whether to go on. What goes wrong ends the plan or run with one sentence; only a
worker that is closing leaves it as it is, for the next worker to take over.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from lib.errors import (
    CancelledError,
    MusterError,
    OverLimitError,
    RefusedError,
    StorageError,
    ThrottledError,
    UnavailableError,
)
from lib.mailchimp.retries import Patience
from lib.runs import attempts, contract, mishaps
from lib.runs.after import readback, undo
from lib.runs.keeping import turns
from lib.runs.opening import mailchimp
from lib.runs.orders import WORKER
from lib.runs.plan import making, outlook
from lib.runs.plan.job import Job
from lib.runs.sending import checking, push, rails
from lib.runs.sending.journal import Journal
from lib.runs.sending.layout import read_layout
from lib.runs.sending.push import Setting
from lib.settings import Settings
from lib.store import consent, firings, plans, progress, runs
from lib.store.database import Store
from lib.store.plans import PlanState
from lib.store.runs import Run, RunState

log = logging.getLogger(__name__)


BRIEF = Patience(attempts=2, throttled=4)
"""Of the client in a push, which is patient itself and must hear of a cancel soon."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What stages work with."""

    store: Store
    settings: Settings
    closing: Callable[[], bool] = field(default=lambda: False)
    """The worker is about to end."""


class _Closing(Exception):  # noqa: N818 - nothing went wrong
    """The worker is about to end; the next one goes on."""


def plan(shop: Shop, plan_id: str) -> bool:
    """Make the plan, unless it is there."""
    found = plans.get(shop.store, WORKER, plan_id)
    if found.state is not PlanState.MAKING:
        return found.state is PlanState.READY
    shown = outlook.Outlook(shop.settings, plan_id)

    def cancelled() -> bool:
        gone = plans.get(shop.store, WORKER, plan_id).state is not PlanState.MAKING
        return gone or shop.closing()

    try:
        who = attempts.reader(shop.store, shop.settings, found)
        make = undo.make if found.undoes else making.make
        with turns.together(shop.settings):
            make(Job(shop.store, shop.settings, who, found, shown.tell, cancelled))
    except Exception as error:
        if not (shop.closing() and isinstance(error, MusterError)):
            _fail_plan(shop, plan_id, mishaps.said(error, f"making plan {plan_id}"))
        return False
    finally:
        shown.forget()
    return True


def check(shop: Shop, run_id: str) -> bool:
    """Take the run up, look at what moved since its plan was made, and lay it out in batches."""
    try:
        progress.begin(shop.store, run_id)
    except RefusedError:
        return False
    with _stage(shop, run_id, "checking") as run:
        plan = plans.get(shop.store, WORKER, run.plan_id or "")
        contract.require_room(shop.store, shop.settings, WORKER, plan, begun=True)
        checking.check(shop.store, shop.settings, run, _stopper(shop, run_id))
        return True
    return False


def send(shop: Shop, run_id: str) -> bool:
    """Send what has no answer yet."""
    with _stage(shop, run_id, "sending") as run:
        directory = run_dir(shop.settings, run_id)
        layout = read_layout(directory)
        journal = Journal(shop.store, run_id, layout)
        journal.doubt_left_over()
        readback.doubt_again(shop.store, shop.settings, run)
        watch = rails.Watch(shop.store, run)
        with mailchimp(
            shop.store, shop.settings, WORKER, run.connection_id or "", patience=BRIEF
        ) as client:
            setting = Setting(
                client=client,
                audience_id=run.audience_id,
                directory=directory,
                layout=layout,
                journal=journal,
                look=_stopper(shop, run_id, watch),
                away=_waiter(shop, run_id),
                limit=lambda: watch.pace(client.budget.limit + push.AHEAD),
                patience_s=shop.settings.mailchimp_patience_s,
            )
            end = push.carry_out(setting)
        if end.state == "done":
            return True
        if end.state == "closing":
            raise _Closing
        if end.state == "stopped" and not end.message and watch.found is not None:
            _end(shop, run, RunState.STOPPED, watch.found.message, watch.found.rail)
        else:
            _end(shop, run, RunState(end.state), end.message)
    return False


def read_back(shop: Shop, run_id: str) -> bool:
    """Re-read what was touched, settle what is in doubt, and end the run."""
    with _stage(shop, run_id, "reading back") as run:
        message = readback.verify(shop.store, shop.settings, run, _stopper(shop, run_id))
        _end(shop, run, RunState.DONE, message)
        return True
    return False


def run_dir(settings: Settings, run_id: str) -> Path:
    """Return where a run keeps its files."""
    return settings.runs_dir / run_id


def _stopper(shop: Shop, run_id: str, watch: rails.Watch | None = None) -> Callable[[], str]:
    """Return what says '' to go on, or why not, such as 'closing'."""

    def look() -> str:
        if shop.closing():
            return "closing"
        if progress.cancel_requested(shop.store, run_id):
            return "cancelled"
        return "stopped" if watch is not None and watch.reached() else ""

    return look


def _closer(shop: Shop, run_id: str) -> Callable[[], str]:
    """Return a stopper for a run that was cancelled already."""
    look = _stopper(shop, run_id)
    return lambda: "closing" if look() == "closing" else ""


def _waiter(shop: Shop, run_id: str) -> Callable[[bool], None]:
    """Return what says on a run since when it waits for Mailchimp, and takes that back."""

    def tell(away: bool) -> None:
        since = shop.store.clock().astimezone(ZoneInfo(shop.settings.time_zone))
        progress.tell(shop.store, run_id, _AWAY.format(time=f"{since:%H:%M}") if away else "")

    return tell


_AWAY = "Mailchimp has not answered since {time}: the run waits for it, and nothing is lost."


@contextmanager
def _stage(shop: Shop, run_id: str, phase: str) -> Iterator[Run]:
    """Enter a phase, and end the run with one sentence when something goes wrong in it."""
    run = runs.get(shop.store, WORKER, run_id)
    try:
        with turns.together(shop.settings):
            run = progress.enter(shop.store, run_id, phase)
            yield run
    except _Closing:
        log.info("Run %s waits for the next worker.", run_id)
    except CancelledError:
        if not shop.closing():
            _end(shop, run, RunState.CANCELLED, "")
    except (ThrottledError, UnavailableError) as error:
        _end(shop, run, RunState.STOPPED, f"{error} Nothing is lost: resume the run later.")
    except (StorageError, OverLimitError) as error:
        _end(shop, run, RunState.STOPPED, f"{error} Then resume the run.")
    except Exception as error:
        _end(shop, run, RunState.FAILED, mishaps.said(error, f"{phase} in run {run_id}"))


def _end(shop: Shop, run: Run, state: RunState, message: str, rail: str = "") -> None:
    why = consent.withdrawn(shop.store, run.connection_id or "")
    if state is RunState.CANCELLED and why:
        state, message = RunState.STOPPED, f"{why} Then resume the run."
    if state is not RunState.DONE:
        try:
            readback.conclude(shop.store, shop.settings, run, _closer(shop, run.id))
        except StorageError:
            log.error("Run %s could not be counted again: the disk failed.", run.id)
    log.info("Run %s is %s.", run.id, state)
    missed = firings.note_of(shop.store, run.plan_id or "")
    progress.finish(shop.store, run.id, state, f"{missed} {message}".strip(), rail=rail)


def _fail_plan(shop: Shop, plan_id: str, message: str) -> None:
    if plans.get(shop.store, WORKER, plan_id).state is PlanState.MAKING:
        plans.fail(shop.store, plan_id, message)
