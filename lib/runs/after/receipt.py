"""The receipt of a run: what was sent on whose word, and what a read-back found."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.runs.after.totals import told
from lib.runs.after.verification import Verified
from lib.runs.local import appearing, disk
from lib.runs.sending.checking import read_moved, said
from lib.runs.sending.layout import read_layout
from lib.runs.sending.outcomes import Counts
from lib.store import batches
from lib.store.database import Store
from lib.store.plans import Plan
from lib.store.runs import Run


def write(
    store: Store, run: Run, plan: Plan, *, counts: Counts, found: Verified, directory: Path
) -> None:
    """Write ``receipt.json`` into the run's directory; it names no address.

    Raises:
        StorageError: the disk is full.
    """
    seal = said(Path(plan.directory))
    done = batches.all(store, run.id)
    totals = told(Path(plan.directory) / "plan.parquet", directory, done, read_layout(directory))
    document: dict[str, Any] = {
        "run": run.id,
        "export": run.export_name,
        "audience": run.audience_id,
        "kind": run.kind,
        "undoes": run.undoes or None,
        "requested_by": run.requested_by,
        "approved_by": plan.approved_by,
        "approved_at": plan.approved_at.isoformat() if plan.approved_at else None,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "plan": plan.id,
        "fingerprint": plan.fingerprint,
        "sha256": {name: seal.get(name) for name in _SEALED},
        "warehouse_version": seal.get("warehouse_version"),
        "snapshot_at": seal.get("snapshot_at"),
        "contacts": counts.contacts,
        "outcomes": counts.outcomes,
        "batches": {"upserts": sum(b.kind == "upsert" for b in done), "all": len(done)},
        "mailchimp": {**asdict(totals), "words": totals.words},
        "moved": asdict(read_moved(directory)),
        "read_back": asdict(found),
    }
    with disk(), appearing(directory / "receipt.json") as path:
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")


def read(directory: Path) -> dict[str, Any] | None:
    """Return the receipt in a run's directory; None before the run has one."""
    try:
        document: dict[str, Any] = json.loads((directory / "receipt.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return document


_SEALED = ("segments", "matching", "options", "fields", "plan")
