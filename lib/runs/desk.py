"""The desk: where people order plans and runs, and follow them; used by pages and command line.

Rights are checked by the store. Nothing here does long work in the caller's process, except
``plan_here``.
"""

from collections.abc import Callable
from pathlib import Path

from lib.access import Person
from lib.errors import InputError, MusterError, NotFoundError
from lib.runs import contract, process
from lib.runs.after import undo
from lib.runs.keeping import turns
from lib.runs.plan import holding, making, outlook
from lib.runs.plan.job import Job
from lib.runs.plan.wish import Progress
from lib.settings import Settings
from lib.store import exports, plans, progress, runs
from lib.store.database import Store
from lib.store.plans import Plan
from lib.store.runs import Run


def propose(store: Store, settings: Settings, who: Person, export: str) -> Plan:
    """Order a plan of an export; a worker makes it. ``plan_step`` tells how far it is.

    Raises:
        ForbiddenError: the person may not run this export.
        NotFoundError: no such export.
        SetupError: no worker could be started.
    """
    begun = plans.begin(store, who, export)
    process.ensure(settings)
    return begun


def plan_here(
    store: Store,
    settings: Settings,
    who: Person,
    export: str,
    progress: Progress = lambda phase, share: None,
) -> Plan:
    """Make a plan of an export in this process, and return it when it is ready.

    Raises:
        MusterError: whatever stands in its way; nothing was sent.
    """
    # A directory from the start tells workers that this plan is not theirs to make.
    begun = plans.begin(store, who, export, directory="here")
    return _made_here(store, settings, who, begun, progress)


def propose_undo(store: Store, settings: Settings, who: Person, run_id: str) -> Plan:
    """Order the plan that takes a run back; a worker makes it. Approve it as any other.

    Raises:
        ForbiddenError: the person may not run the export.
        NotFoundError: no such run, or its export is gone.
        InUseError: the run is not over, or it is being taken back.
        RefusedError: it was taken back, is an undo itself, or the export goes elsewhere now.
        SetupError: no worker could be started.
    """
    run = runs.get(store, who, run_id)
    holding.give_up_orphans(store, settings)
    begun = plans.begin(store, who, run.export_id, undoes=run.id)
    process.ensure(settings)
    return begun


def undo_here(
    store: Store,
    settings: Settings,
    who: Person,
    run_id: str,
    progress: Progress = lambda phase, share: None,
) -> Plan:
    """Make the plan that takes a run back in this process, and return it when it is ready.

    Raises:
        MusterError: as in ``propose_undo``, or whatever stands in its way; nothing was sent.
    """
    run = runs.get(store, who, run_id)
    holding.give_up_orphans(store, settings)
    begun = plans.begin(store, who, run.export_id, directory="here", undoes=run.id)
    return _made_here(store, settings, who, begun, progress)


def _made_here(
    store: Store, settings: Settings, who: Person, begun: Plan, progress: Progress
) -> Plan:
    make = undo.make if begun.undoes else making.make
    try:
        with holding.held(settings, begun.id), turns.together(settings):
            return make(Job(store, settings, who, begun, progress))
    except BaseException as error:
        words = str(error) if isinstance(error, MusterError) else "The plan was not finished."
        plans.fail(store, begun.id, words)
        raise


def plan_step(settings: Settings, plan_id: str) -> outlook.Step | None:
    """Return how far the making of a plan is; None before it is begun and after it ended."""
    return outlook.step(settings, plan_id)


def abandon(store: Store, who: Person, plan_id: str) -> Plan:
    """Give up a plan that is being made; nothing was sent.

    Raises:
        ForbiddenError: the person may not run this export.
        InUseError: it is not being made any more.
    """
    return plans.abandon(store, who, plan_id, f"{who.name} gave this plan up.")


def approve_and_start(
    store: Store, settings: Settings, who: Person, plan_id: str, *, fingerprint: str | None = None
) -> Run:
    """Say yes to a plan, and have it carried out.

    Args:
        store: where.
        settings: of this installation.
        who: somebody who may run the export.
        plan_id: which.
        fingerprint: of the plan the person looked at; another one is refused.

    Raises:
        ForbiddenError: the person may not run this export.
        NotApprovedError: the plan is not ready, or the export was changed since.
        OverLimitError: it holds more profiles than allowed, or exceeds the contract.
        InUseError: a run of the export is not over.
        RefusedError: the plan was carried out before.
        SetupError: no worker could be started; the run waits for one.
    """
    contract.require_room(store, settings, who, plans.get(store, who, plan_id))
    plans.approve(store, who, plan_id, fingerprint=fingerprint)
    run = progress.request(store, who, plan_id)
    process.ensure(settings)
    return run


def run_plan(store: Store, settings: Settings, who: Person, export: str, plan_id: str) -> Run:
    """Have a plan of an export carried out that somebody has looked at: exactly that one.

    Raises:
        NotFoundError: no such plan.
        InputError: it is a plan of another export.
        MusterError: as in ``approve_and_start``.
    """
    plan = plans.get(store, who, plan_id)
    if plan.export_id != exports.get(store, who, export).id:
        raise InputError(f"The plan {plan_id} is one of {plan.export_name}, not of {export}.")
    return approve_and_start(store, settings, who, plan.id, fingerprint=plan.fingerprint)


def run_now(
    store: Store,
    settings: Settings,
    who: Person,
    export: str,
    tell: Progress = lambda phase, share: None,
) -> Run:
    """Plan an export and have the plan carried out; whoever runs it thereby approves the plan.

    Raises:
        MusterError: as in ``plan_here`` and ``approve_and_start``.
    """
    made = plan_here(store, settings, who, export, tell)
    return approve_and_start(store, settings, who, made.id, fingerprint=made.fingerprint)


def cancel(store: Store, who: Person, run_id: str) -> Run:
    """Cancel a run: at once while it is queued, else within one batch.

    Raises:
        ForbiddenError: the person may not run this export.
        RefusedError: it is over.
    """
    return progress.cancel(store, who, run_id)


def resume(
    store: Store,
    settings: Settings,
    who: Person,
    run_id: str,
    *,
    idle_exit_s: float | None = None,
) -> Run:
    """Go on with a run that is not done; what was sent is not sent again.

    Args:
        store: where.
        settings: of this installation.
        who: somebody who may run the export.
        run_id: which; one whose worker has gone is left to another worker.
        idle_exit_s: a worker that this starts ends after so long without work.

    Raises:
        ForbiddenError: the person may not run this export.
        RefusedError: it is done, or live already and a worker is there.
        InUseError: another run of the export is not over.
        SetupError: no worker could be started; the run waits for one.
    """
    run = progress.resume(store, who, run_id, left=not process.alive(settings))
    process.ensure(settings, idle_exit_s=idle_exit_s)
    return run


def follow(
    store: Store,
    who: Person,
    run_id: str,
    tell: Callable[[Run], None],
    *,
    sleep: Callable[[float], None],
    every_s: float = 0.25,
) -> Run:
    """Tell the run again and again until it is over, and return it."""
    while True:
        run = runs.get(store, who, run_id)
        tell(run)
        if not run.live:
            return run
        sleep(every_s)


def outcomes_file(settings: Settings, run_id: str) -> Path:
    """Return the Parquet file with the outcome of every contact of a run.

    Raises:
        NotFoundError: the run has none yet.
    """
    path = settings.runs_dir / run_id / "outcomes.parquet"
    if not path.exists():
        raise NotFoundError("This run has no outcomes yet; they are written when it ends.")
    return path


def plan_file(plan: Plan) -> Path:
    """Return the Parquet file of a plan that is ready.

    Raises:
        NotFoundError: its files are gone.
    """
    path = Path(plan.directory) / "plan.parquet"
    if not plan.directory or not path.exists():
        raise NotFoundError("The files of this plan are gone; make a new plan.")
    return path
