"""Marks: up to where the changes of an audience are known.

``last_changed`` has whole seconds, and a bulk write gives thousands of members the same one
(Mailchimp recordings). A second is closed once Mailchimp's own clock is past it: nothing can be
added to it any more, so members of a closed second that are all known need no second look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.mailchimp.member import MemberPage

CLOSED = timedelta(seconds=2)
"""By how much Mailchimp's clock must be past a second: its own whole seconds, and one of slack."""
OVERLAP = timedelta(minutes=2)
"""How far before an open mark to look again."""
OVERLAP_CLOSED = timedelta(seconds=2)
"""How far before a closed mark: ``since_last_changed`` may or may not include its own second."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest change known in one pass; None for a pass without members."""

    changed: datetime | None = None
    closed: bool = False

    @property
    def since(self) -> str:
        """The moment to ask for changes after, as Mailchimp reads it; empty for all."""
        if self.changed is None:
            return ""
        since = self.changed - (OVERLAP_CLOSED if self.closed else OVERLAP)
        return f"{since:%Y-%m-%dT%H:%M:%S}+00:00"


Marks = tuple[Mark, ...]
"""One for each pass."""


def mark_of(head: MemberPage) -> Mark:
    """The mark that a page with the last changed first sets."""
    if not head.rows.num_rows:
        return Mark()
    newest = head.rows.column("last_changed")[0].as_py()
    closed = newest is not None and head.at is not None and head.at - newest >= CLOSED
    return Mark(newest, closed)


def to_json(marks: Marks) -> list[list[Any]]:
    """Marks as JSON."""
    return [[mark.changed.isoformat() if mark.changed else "", mark.closed] for mark in marks]


def from_json(told: Sequence[Sequence[Any]]) -> Marks:
    """Marks from JSON."""
    return tuple(
        Mark(datetime.fromisoformat(changed) if changed else None, bool(closed))
        for changed, closed in told
    )
