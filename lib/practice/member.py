"""Members: their columns, one row each, in the order in which they came.

A million members have to fit beside everything else on an ordinary machine, so there is no object
per member: small numbers are in numpy columns, address and merge values are text, and what few
members have is in a dictionary by row.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from lib.practice.address import digest
from lib.practice.columns import Array, Column, Interned

STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived", "gone")
SUBSCRIBED, UNSUBSCRIBED, CLEANED, PENDING, TRANSACTIONAL, ARCHIVED, GONE = range(7)
WRITABLE = {name: code for code, name in enumerate(STATUSES[:ARCHIVED])}
"""Statuses a request may carry; archiving is DELETE."""

# Why somebody is unsubscribed decides whether an integration may subscribe them again.
NO_REASON, BY_API, BY_SELF = range(3)

NUMBERS = {
    "status": "B",
    "reason": "B",
    "changed": "q",
    "opted": "q",
    "signed": "q",
    "tagged": "i",
    "shape": "i",
}
"""The columns, with the kind of number in each."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Members:
    """All members of one audience, by row; ``version`` counts the changes."""

    __slots__ = (
        "changed",
        "digests",
        "emails",
        "merges",
        "opted",
        "rare",
        "reason",
        "rows",
        "shape",
        "shapes",
        "signed",
        "status",
        "tagged",
        "taggings",
        "touched",
        "version",
    )

    def __init__(self) -> None:
        self.rows: dict[bytes, int] = {}
        self.digests: list[bytes] = []
        self.emails: list[str] = []
        self.merges: list[str] = []
        self.rare: dict[int, dict[str, Any]] = {}
        self.taggings = Interned()
        self.shapes = Interned()
        for name, kind in NUMBERS.items():
            setattr(self, name, Column(kind))
        self.touched: set[int] = set()
        self.version = 0

    status: Column
    reason: Column
    changed: Column
    opted: Column
    signed: Column
    tagged: Column
    shape: Column

    def __len__(self) -> int:
        return len(self.emails)

    def find(self, key: bytes) -> int | None:
        """The row of a member id (16 bytes), unless it is unknown or permanently deleted."""
        row = self.rows.get(key)
        return None if row is None or self.status[row] == GONE else row

    def forgotten(self, key: bytes) -> bool:
        """Whether the member with this id was permanently deleted."""
        row = self.rows.get(key)
        return row is not None and self.status[row] == GONE

    def add(self, email: str, key: bytes, now: int) -> int:
        """A new row for an address; returns its number. The status is subscribed at first."""
        row = len(self.emails)
        self.rows[key] = row
        self.digests.append(key)
        self.emails.append(email)
        self.merges.append("{}")
        for column in (self.status, self.reason, self.changed, self.signed):
            column.append(0)
        self.tagged.append(0)
        self.shape.append(0)
        self.opted.append(now)
        self.touch(row, now)
        return row

    def touch(self, row: int, now: int) -> None:
        """Note that a row changed at ``now`` (seconds since 1970)."""
        self.changed[row] = now
        self.touched.add(row)
        self.version += 1

    def values(self, row: int) -> dict[str, Any]:
        """The merge values that are set, by tag."""
        return json.loads(self.merges[row])  # type: ignore[no-any-return]

    def set_values(self, row: int, values: dict[str, Any]) -> None:
        """Keep merge values, none of which is empty."""
        self.merges[row] = _encode(values) if values else "{}"
        self.shape[row] = self.shapes.code(tuple(values))

    def tags(self, row: int) -> tuple[int, ...]:
        """Ids of the member's tags, in the order in which they were given."""
        return self.taggings.tuples[self.tagged[row]]

    def set_tags(self, row: int, tags: tuple[int, ...]) -> None:
        """Replace the member's tags."""
        self.tagged[row] = self.taggings.code(tags)

    def move(self, row: int, email: str) -> None:
        """Give a member another address, and with it another id."""
        self.rows.pop(self.digests[row], None)
        key = digest(email)
        self.rows[key] = row
        self.digests[row] = key
        self.emails[row] = email

    def forget(self, row: int, now: int) -> None:
        """Delete permanently: only the id stays, so that it can be refused from now on."""
        self.emails[row] = ""
        self.rare.pop(row, None)
        self.set_values(row, {})
        self.set_tags(row, ())
        self.status[row] = GONE
        self.touch(row, now)

    def with_tag(self, tag: int) -> Array:
        """For every row whether it carries the tag."""
        codes = [code for code, tags in enumerate(self.taggings.tuples) if tag in tags]
        return np.isin(self.tagged.values, codes)

    def count_tags(self) -> dict[int, int]:
        """How many members carry each tag, the archived left out."""
        shown = self.tagged.values[self.status.values < ARCHIVED]
        counts: dict[int, int] = {}
        for code, count in enumerate(np.bincount(shown, minlength=1).tolist()):
            for tag in self.taggings.tuples[code]:
                counts[tag] = counts.get(tag, 0) + count
        return counts

    def count_statuses(self) -> list[int]:
        """How many members have each status, in the order of ``STATUSES``."""
        counts: list[int] = np.bincount(self.status.values, minlength=len(STATUSES)).tolist()
        return counts

    def rewrite(self, change: Callable[[dict[str, Any]], dict[str, Any]], tag: str) -> None:
        """Change the merge values of all who have a value for ``tag`` (its field was changed)."""
        codes = [code for code, tags in enumerate(self.shapes.tuples) if tag in tags]
        for row in np.flatnonzero(np.isin(self.shape.values, codes)).tolist():
            self.set_values(row, change(self.values(row)))
            self.touched.add(row)
        self.version += 1
