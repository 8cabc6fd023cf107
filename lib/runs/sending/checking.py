"""Before sending: has the data or the audience moved since a person said yes?"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lib.contacts.fields import MergeField
from lib.errors import NotApprovedError, NotFoundError
from lib.runs import opening
from lib.runs.audience import definitions, snapshot
from lib.runs.local import appearing, disk, keep
from lib.runs.orders import WORKER
from lib.runs.plan import claims, fingerprint, making, planned
from lib.runs.sending import held
from lib.runs.sending.held import Care
from lib.runs.sending.journal import Journal
from lib.runs.sending.layout import Layout, hold_back, lay_out
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
    changed: int = 0
    """Contacts of an undo that somebody changed: not sent."""
    wanted: int = 0
    """Contacts that are wanted by another export now: not archived."""

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
        if self.changed:
            said.append(f"{self.changed:,} contacts changed since the plan and stay as they are.")
        if self.wanted:
            said.append(
                "Contacts that another export wants since the plan, and that are not archived:"
                f" {self.wanted:,}."
            )
        return " ".join(said)


def check(store: Store, settings: Settings, run: Run, look: Callable[[], str]) -> Moved:
    """Compare with the plan, and lay out what may still be sent.

    Raises:
        NotApprovedError: the plan's file is not the one that was approved, or a merge field that it
            feeds is another one now.
        NotFoundError: the plan's files are gone.
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
    told = said(path.parent)
    known = definitions.from_json(told.get("definitions"))
    definitions.require_same(known, taken.definitions, planned.matched(path))
    directory = settings.runs_dir / run.id
    with disk():
        directory.mkdir(parents=True, exist_ok=True)
    again = (directory / "layout.json").exists()
    if not again:
        keep(taken.path, directory / "past.parquet")
    keep(taken.path, directory / "seen.parquet")
    care = _care(store, settings, run, path)
    layout = lay_out(path, taken.path, directory, care)
    later = 0
    if again:
        found = batches.open_batches(store, run.id)
        later = hold_back(
            path,
            taken.path,
            directory,
            care,
            unanswered=[one.seq for one in found],
            doubtful=[one.seq for one in found if one.state is not BatchState.PLANNED],
        )
    _journal(store, run, layout)
    profiles = not run.undoes and _profiles_moved(store, settings, path)
    filled, changed, wanted = (
        held.count_as(f"{why}_since", directory) for why in ("filled", "changed", "wanted")
    )
    out_of_reach = layout.held + later - filled - changed - wanted
    moved = Moved(profiles, layout.moved, out_of_reach, filled, taken.doubt, changed, wanted)
    with disk(), appearing(directory / "moved.json") as fresh:
        fresh.write_text(json.dumps(asdict(moved)), "utf-8")
    return moved


def _care(store: Store, settings: Settings, run: Run, plan: Path) -> Care:
    """Return what holds contacts of this plan back."""
    told = said(plan.parent)
    return Care(
        since=plan.parent / "snapshot.parquet" if run.undoes else None,
        fields=_fields(told, planned.matched(plan)),
        kept=_fields(told, told.get("kept", ())),
        claims=claims.of_others(store, settings, run.export_id, run.audience_id),
    )


def _fields(told: Mapping[str, Any], tags: Iterable[str]) -> tuple[MergeField, ...]:
    """Return the fields of these tags that the audience of a plan has."""
    types = told.get("types", {})
    return tuple(MergeField(tag, tag, types[tag]) for tag in tags if tag in types)


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
