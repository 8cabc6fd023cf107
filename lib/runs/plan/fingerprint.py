"""What a plan was made from, as hashes: proof for the receipt, and the test for "it moved"."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from lib.runs.local import disk
from lib.runs.plan.wish import Wish


@dataclass(frozen=True, slots=True)
class Seal:
    """SHA-256 of each thing that decides what is sent."""

    segments: dict[str, str]
    """Hash of the SQL of each segment, by name."""
    matching: str
    options: str
    fields: str
    plan: str
    """Hash of plan.parquet itself."""
    hash: str
    """Over all of them, the version of the warehouse and the moment of the snapshot."""


def of_plan(wish: Wish, warehouse_version: str, snapshot_at: datetime, plan: Path) -> Seal:
    """Seal a plan.

    Raises:
        StorageError: plan.parquet cannot be read.
    """
    segments = {s.name: of_text(repr((s.query.text, s.query.params))) for s in wish.segments}
    matching = of_text(json.dumps(asdict(wish.matching), sort_keys=True))
    options = of_text(json.dumps(asdict(wish.options), sort_keys=True))
    fields = of_text(json.dumps([asdict(field) for field in wish.fields], sort_keys=True))
    file = of_file(plan)
    everything = [segments, matching, options, fields, file]
    whole = json.dumps([*everything, warehouse_version, snapshot_at.isoformat()], sort_keys=True)
    return Seal(segments, matching, options, fields, file, of_text(whole))


def of_text(said: str) -> str:
    """Return the SHA-256 of the text."""
    return hashlib.sha256(said.encode()).hexdigest()


def of_file(path: Path) -> str:
    """Return the SHA-256 of the file.

    Raises:
        StorageError: it cannot be read.
    """
    with disk(), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
