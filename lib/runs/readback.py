"""After sending: what does Mailchimp hold now, and what became of each contact?"""

from collections.abc import Callable
from pathlib import Path

from lib.runs import belongings, making, opening, receipt, snapshot
from lib.runs.checking import read_moved
from lib.runs.layout import read_layout
from lib.runs.local import keep
from lib.runs.orders import WORKER
from lib.runs.outcomes import Counts, write_outcomes
from lib.runs.verification import Verified, settle_doubts, verified
from lib.settings import Settings
from lib.store import batches, plans, progress
from lib.store.database import Store
from lib.store.runs import Run


def verify(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> str:
    """Re-read the audience, settle doubts, compare, and write outcomes and receipt.

    Returns:
        What a person should know, in sentences; empty when all went as planned.

    Raises:
        MailchimpError: the audience cannot be read.
        StorageError: the disk is full.
    """
    directory = settings.runs_dir / run.id
    plan = plans.get(store, WORKER, run.plan_id or "")
    path = Path(plan.directory) / "plan.parquet"
    now = _audience(store, settings, run, look)
    count(store, settings, run)
    settle_doubts(path, now, directory)
    counts = count(store, settings, run)
    found = verified(path, now, directory)
    keep(now, directory / "after.parquet")
    if counts is not None:
        belongings.learn(making.export_dir(settings, run.export_id), path, directory)
        receipt.write(store, run, plan, counts=counts, found=found, directory=directory)
    return _sentences(directory, found)


def count(store: Store, settings: Settings, run: Run) -> Counts | None:
    """Write the outcomes of a run as far as it got, and set its counts to them."""
    directory = settings.runs_dir / run.id
    if not (directory / "layout.json").exists():
        return None
    plan = plans.get(store, WORKER, run.plan_id or "")
    counts = write_outcomes(
        Path(plan.directory) / "plan.parquet",
        directory,
        batches.all(store, run.id),
        read_layout(directory),
    )
    progress.settle(store, run.id, counts.outcomes)
    return counts


def _audience(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> Path:
    connection = run.connection_id or ""
    with opening.mailchimp(store, settings, WORKER, connection) as client:
        directory = making.audience_dir(settings, connection, run.audience_id)
        taken = snapshot.refresh(
            client, run.audience_id, directory, cancelled=lambda: look() == "closing"
        )
    return taken.path


def _sentences(directory: Path, found: Verified) -> str:
    parts = [str(read_moved(directory)), str(found)]
    return " ".join(part for part in parts if part)
