"""The bookmark of an audience: what its last refresh left behind for the next one."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lib.runs.audience import definitions, marks
from lib.runs.audience.definitions import Definitions
from lib.runs.audience.marks import Marks
from lib.runs.local import appearing, disk

_NAME = "snapshot.json"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Up to where an audience is known."""

    whole_at: datetime
    """When everything was last read."""
    marks: Marks
    definitions: Definitions | None = None
    """Of the merge fields then."""

    def fits(self, now: Definitions | None) -> bool:
        """Say whether all values known are still values of the same fields."""
        return now is None or (self.definitions is not None and self.definitions <= now)


def read(directory: Path) -> Bookmark | None:
    """Return the bookmark of an audience's directory; None when there is none to go by."""
    try:
        told = json.loads((directory / _NAME).read_text("utf-8"))
        found = marks.from_json(told["marks"])
        known = definitions.from_json(told.get("definitions"))
        return Bookmark(datetime.fromisoformat(told["whole_at"]), found, known) if found else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(directory: Path, bookmark: Bookmark) -> None:
    """Leave a bookmark behind.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    told = {
        "whole_at": bookmark.whole_at.isoformat(),
        "marks": marks.to_json(bookmark.marks),
        "definitions": definitions.to_json(bookmark.definitions),
    }
    with disk(), appearing(directory / _NAME) as fresh:
        fresh.write_text(json.dumps(told), "utf-8")
