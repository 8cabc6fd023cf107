"""What an export does beyond data matching."""

from dataclasses import dataclass
from enum import StrEnum


class StatusIfNew(StrEnum):
    """Status given to contacts that are new to the audience; no other status is ever sent."""

    SUBSCRIBED = "subscribed"
    PENDING = "pending"
    TRANSACTIONAL = "transactional"


class OnLeave(StrEnum):
    """What happens to members this export added once they are in none of its segments."""

    NOTHING = "nothing"
    UNTAG = "untag"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Options:
    """Options of an export, at their safe defaults."""

    status_if_new: StatusIfNew = StatusIfNew.SUBSCRIBED
    tag_segments: bool = True
    """Tag each contact with the names of the segments it is in."""
    on_leave: OnLeave = OnLeave.NOTHING
    revive_archived: bool = False
    """Add archived members again instead of suppressing them; see ``revives``."""

    @property
    def revives(self) -> bool:
        """Archived members come back, which only those who are to be subscribed do.

        Mailchimp itself then keeps out who had unsubscribed before being archived, which the
        archive does not show. Of any other status it takes them (Marketing API 3.0, recordings).
        """
        return self.revive_archived and self.status_if_new is StatusIfNew.SUBSCRIBED
