"""What is to be planned, and who is told how far it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.contacts.fields import MergeField
from lib.contacts.matching import Matching
from lib.contacts.options import Options
from lib.runs.plan.claims import Claim
from lib.segments.members import SegmentQuery

Progress = Callable[[str, float], None]
"""Told the phase in words and the share of it that is done, 0..1, or -1 when unknown."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be planned."""

    segments: tuple[SegmentQuery, ...]
    matching: Matching
    options: Options
    fields: tuple[MergeField, ...]
    """Merge fields of the audience, as of now."""
    limit: int
    """Most distinct profiles one export may have."""
    owned: Path | None = None
    """Members this export added before, with the tags it gave them."""
    claims: tuple[Claim, ...] = ()
    """What other exports want of the audience."""
    refused: Path | None = None
    """Addresses Mailchimp refused for good."""
    given: Path | None = None
    """Tags this export gave to members with more tags than Mailchimp shows."""
    time_zone: str = "UTC"
    """Of the warehouse: it decides on which day a moment falls."""

    @property
    def only_segment(self) -> str:
        """Name of the segment when it is the only one, else empty."""
        return self.segments[0].name if len(self.segments) == 1 else ""
