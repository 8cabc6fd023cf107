"""Before sending: has the data or the audience moved since a person said yes?"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lib.contacts.fields import MergeField
from lib.errors import NotApprovedError, NotFoundError
from lib.runs import definitions, fingerprint, held, making, opening, planned, snapshot
from lib.runs.journal import Journal
from lib.runs.layout import Layout, hold_back, lay_out
from lib.runs.local import appearing, disk, keep
from lib.runs.orders import WORKER
from lib.settings import Settings
from lib.store import batches, plans, progress
from lib.store.batches import BatchState
from lib.store.database import Store
from lib.store.plans import Plan
from lib.store.runs import Run
from lib.warehouse.files import fingerprint as fingerprint_of_data


@dataclass(frozen=True, slots=True)
class Moved:
    """What is different from the moment the plan was made."""

    profiles: bool
    """The warehouse holds other data now; what was approved is sent all the same."""
    members: int
    """Members whose values changed in Mailchimp, and which are sent all the same."""
    held: int
    """Contacts that unsubscribed, were removed and so on: not sent."""
    filled: int = 0
    """Contacts with a value of their own now in a field that is never overwritten: not sent."""
    doubt: str = ""
    """A sentence when Mailchimp's counts disagree with what it lists."""

    def __str__(self) -> str:
        """One sentence for each difference; empty when there is none."""
        said = [self.doubt] if self.doubt else []
        if self.profiles:
            said.append("The profiles have changed since the plan was made; it was sent as it was.")
        if self.members:
            said.append(f"Members changed in Mailchimp since the plan: {self.members:,}.")
        if self.held:
            said.append(f"{self.held:,} contacts are out of reach since the plan and not sent.")
        if self.filled:
            said.append(
                f"{self.filled:,} contacts got a value since the plan in a field that this export"
                " never overwrites, and were not sent: plan and run again."
            )
        return " ".join(said)


def check(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> Moved:
    """Compare with the plan, and lay out what may still be sent.

    Raises:
        NotApprovedError: the plan's file is not the one that was approved, or a merge field that it
            feeds is another one now.
        NotFoundError: the plan's files are gone.
        RefusedError: the audience cannot be read as a whole.
        MailchimpError: the audience cannot be read.
        CancelledError: a person pressed cancel.
        StorageError: the disk is full.
    """
    plan = plans.get(store, WORKER, run.plan_id or "")
    path = approved(plan)
    audience = making.audience_dir(settings, run.connection_id or "", run.audience_id)

    def cancelled() -> bool:
        return bool(look())

    patience = opening.attentive(cancelled)
    connection = run.connection_id or ""
    with opening.mailchimp(store, settings, WORKER, connection, patience=patience) as client:
        taken = snapshot.refresh(client, run.audience_id, audience, cancelled=cancelled)
    told = definitions.from_json(said(path.parent).get("definitions"))
    definitions.require_same(told, taken.definitions, planned.matched(path))
    making.require_whole(taken)
    directory = settings.runs_dir / run.id
    with disk():
        directory.mkdir(parents=True, exist_ok=True)
    again = (directory / "layout.json").exists()
    if not again:
        keep(taken.path, directory / "past.parquet")
    kept = _kept(path)
    layout = lay_out(path, taken.path, directory, since=_planned_at(run, path), kept=kept)
    later = 0
    if again:
        doubtful = _doubtful(store, run)
        later = hold_back(path, taken.path, directory, kept=kept, doubtful=doubtful)
    _journal(store, run, layout)
    profiles = not run.undoes and _profiles_moved(store, settings, path)
    filled = held.count_as("filled_since", directory)
    moved = Moved(profiles, layout.moved, layout.held + later - filled, filled, taken.doubt)
    with disk(), appearing(directory / "moved.json") as fresh:
        fresh.write_text(json.dumps(asdict(moved)), "utf-8")
    return moved


def _doubtful(store: Store, run: Run) -> frozenset[int]:
    """Return the batches that may have been applied, though no answer came."""
    found = batches.open_batches(store, run.id)
    return frozenset(one.seq for one in found if one.state is not BatchState.PLANNED)


def _kept(plan: Path) -> tuple[MergeField, ...]:
    """Return the fields that the plan feeds and that are never overwritten once filled."""
    told = said(plan.parent)
    return tuple(MergeField(tag, tag, told["types"][tag]) for tag in told.get("kept", ()))


def _planned_at(run: Run, plan: Path) -> Path | None:
    """Return the audience an undo was planned against: what changed since is left alone."""
    return plan.parent / "snapshot.parquet" if run.undoes else None


def approved(plan: Plan) -> Path:
    """Return the plan's file, which must be the one somebody said yes to.

    Raises:
        NotApprovedError: nobody did, or the file is another.
        NotFoundError: it is gone.
    """
    path = Path(plan.directory) / "plan.parquet"
    if not path.exists():
        raise NotFoundError("The plan's files are gone; make a new plan and approve it.")
    if plan.approved_fingerprint != plan.fingerprint:
        raise NotApprovedError("Nobody has approved this plan: look at it and approve it.")
    if said(path.parent)["plan"] != fingerprint.of_file(path):
        raise NotApprovedError("The plan's file is not the one that was approved; make a new one.")
    return path


def said(directory: Path) -> dict[str, Any]:
    """Return what plan.json says of the plan in this directory."""
    with disk():
        found: dict[str, Any] = json.loads((directory / "plan.json").read_text("utf-8"))
    return found


def read_moved(directory: Path) -> Moved:
    """Return what had moved when this run began; nothing when it never began."""
    try:
        return Moved(**json.loads((directory / "moved.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Moved(profiles=False, members=0, held=0)


def _journal(store: Store, run: Run, layout: Layout) -> None:
    """Write all batches down, and count what is settled without them."""
    Journal(store, run.id, layout)
    tally = batches.tally(store, run.id)
    if tally[BatchState.PLANNED] == len(layout.parcels):
        settled = dict(layout.settled)
        settled["not_sent"] = settled.get("not_sent", 0) + layout.upserts
        progress.settle(store, run.id, settled)


def _profiles_moved(store: Store, settings: Settings, plan: Path) -> bool:
    sources = opening.sources(store, settings, WORKER)
    return fingerprint_of_data(sources) != said(plan.parent).get("warehouse_version")
