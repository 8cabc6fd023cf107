"""After sending: what does Mailchimp hold now, and what became of each contact?"""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from lib.errors import CancelledError, MissingError, MusterError, RequestError
from lib.mailchimp.retries import Patience
from lib.runs import opening
from lib.runs.after import belongings, receipt, tagging
from lib.runs.after.verification import Verified, settle_doubts, untagged, verified
from lib.runs.audience import snapshot
from lib.runs.audience.snapshot import Snapshot
from lib.runs.local import appearing, disk, keep, scratch
from lib.runs.orders import WORKER
from lib.runs.plan import making
from lib.runs.sending.checking import read_moved
from lib.runs.sending.layout import read_layout
from lib.runs.sending.outcomes import Counts, write_outcomes
from lib.settings import Settings
from lib.store import batches, plans, progress
from lib.store.batches import BatchState
from lib.store.database import Store
from lib.store.runs import Run

log = logging.getLogger(__name__)

ONCE = Patience(attempts=1, throttled=2)
"""Of a client that asks for a run which ended, perhaps because Mailchimp is away."""
SEEING_S = 30.0
"""How long a run that ended early may read what it left behind, in seconds; a large audience takes
minutes, and its next plan reads the same."""


def verify(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> str:
    """Re-read the audience, settle doubts, compare, and write outcomes and receipt.

    Tags that did not come with their batches are given by themselves, and looked at again.

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
    counts, found = _compare(store, settings, run, now.path)
    if untagged(path, now.path, directory) and _tag(store, settings, run, look):
        now = _audience(store, settings, run, look)
        counts, found = _compare(store, settings, run, now.path)
    _keep_after(now.path, directory)
    if counts is not None:
        belongings.learn(_own(settings, run), path, directory)
        receipt.write(store, run, plan, counts=counts, found=found, directory=directory)
    return _sentences(directory, found, now)


def _compare(
    store: Store, settings: Settings, run: Run, now: Path
) -> tuple[Counts | None, Verified]:
    """Settle doubts and count, and find what is held otherwise than sent."""
    directory, path = settings.runs_dir / run.id, plan_path(store, run)
    count(store, settings, run)
    settle_doubts(path, now, directory)
    return count(store, settings, run), verified(path, now, directory)


def _tag(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> bool:
    """Give the tags that did not come with their batches; False when Mailchimp refuses."""

    def go_on() -> None:
        if look() == "closing":
            raise CancelledError("It was cancelled while Mailchimp was being waited for.")

    missing = settings.runs_dir / run.id / "untagged.parquet"
    patience = opening.attentive(lambda: look() == "closing")
    connection = run.connection_id or ""
    try:
        with opening.mailchimp(store, settings, WORKER, connection, patience=patience) as client:
            tagging.give(client, run.audience_id, missing, go_on)
    except (RequestError, MissingError) as error:
        log.info("Run %s leaves tags out: %s.", run.id, type(error).__name__)
        return False
    finally:
        missing.unlink(missing_ok=True)
    return True


def conclude(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> None:
    """Make the counts of a run final that ended early, and learn from as far as it got.

    Mailchimp is asked about what is in doubt, and how those are held now whom the run added: an
    undo must know who changed since. When it cannot be asked, what is in doubt stays so until the
    run is resumed. Without doubts, nobody is kept waiting for longer than ``SEEING_S``.

    Raises:
        StorageError: the disk is full.
    """
    for batch in batches.open_batches(store, run.id):
        if batch.state is BatchState.SENT:
            batches.mark_in_doubt(store, run.id, batch.seq)
    counts = count(store, settings, run)
    if counts is None:
        return
    if counts.outcomes["in_doubt"] or counts.outcomes["added"]:
        until = math.inf if counts.outcomes["in_doubt"] else time.monotonic() + SEEING_S
        _ask_once(store, settings, run, lambda: "closing" if time.monotonic() > until else look())
    belongings.learn(_own(settings, run), plan_path(store, run), settings.runs_dir / run.id)


def _own(settings: Settings, run: Run) -> Path:
    return making.export_dir(settings, run.export_id, run.connection_id or "", run.audience_id)


def _ask_once(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> None:
    """Settle what is in doubt and keep what is held, when Mailchimp can be asked now."""
    directory = settings.runs_dir / run.id
    progress.enter(store, run.id, "reading back")
    try:
        now = _audience(store, settings, run, look, patience=ONCE)
    except MusterError as error:
        log.info("Run %s ends without a read-back: %s.", run.id, type(error).__name__)
        return
    settle_doubts(plan_path(store, run), now.path, directory)
    count(store, settings, run)
    _keep_after(now.path, directory)


def _keep_after(now: Path, directory: Path) -> None:
    """Keep how the audience is held now that the run ends.

    When the run ended before and was resumed, whoever was there by then stays as seen then, so
    that what somebody changed in between is not taken for ours.
    """
    path = directory / "after.parquet"
    if not path.exists():
        keep(now, path)
        return
    with scratch(directory) as db, appearing(path) as fresh:
        db.from_parquet(str(path)).filter("status <> 'archived'").create_view("seen")
        db.from_parquet(str(now)).create_view("found")
        db.sql(_AFTER).write_parquet(str(fresh))


_AFTER = "from seen union all by name from found anti join seen using (member_id)"


def doubt_again(store: Store, settings: Settings, run: Run) -> None:
    """Forget what an earlier end found out: a run that is resumed sends what is in doubt again."""
    settled = settings.runs_dir / run.id / "settled.parquet"
    if settled.exists():
        settled.unlink()
        count(store, settings, run)


def plan_path(store: Store, run: Run) -> Path:
    """Return the plan.parquet of a run."""
    return Path(plans.get(store, WORKER, run.plan_id or "").directory) / "plan.parquet"


def count(store: Store, settings: Settings, run: Run) -> Counts | None:
    """Write the outcomes of a run as far as it got, and set its counts to them."""
    directory = settings.runs_dir / run.id
    if not (directory / "layout.json").exists():
        return None
    counts = write_outcomes(
        plan_path(store, run),
        directory,
        batches.all(store, run.id),
        read_layout(directory),
    )
    progress.settle(store, run.id, counts.outcomes)
    return counts


def _audience(
    store: Store,
    settings: Settings,
    run: Run,
    look: Callable[[], str],
    *,
    patience: Patience | None = None,
) -> Snapshot:
    def cancelled() -> bool:
        return look() == "closing"

    connection = run.connection_id or ""
    patience = patience or opening.attentive(cancelled)
    with opening.mailchimp(store, settings, WORKER, connection, patience=patience) as client:
        return snapshot.refresh(
            client,
            run.audience_id,
            making.audience_dir(settings, connection, run.audience_id),
            cancelled=cancelled,
            archived=_archives(plan_path(store, run)),
        )


def _archives(plan: Path) -> bool:
    """Say whether a plan writes to members who are archived before or afterwards."""
    written = pl.col("fate").is_in(["added", "updated", "left"])
    moved = (pl.col("status_before") == "archived") | (pl.col("reason") == "archive")
    with disk():
        found = pl.scan_parquet(plan).filter(written & moved).limit(1).collect()
    return not found.is_empty()


def _sentences(directory: Path, found: Verified, now: Snapshot) -> str:
    moved = read_moved(directory)
    parts = [str(moved), str(found), now.doubt if now.doubt != moved.doubt else ""]
    return " ".join(part for part in parts if part)
