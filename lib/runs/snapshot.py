"""Snapshot: the audience as Mailchimp holds it, kept locally as Parquet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lib.mailchimp.client import Mailchimp


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The audience at one moment; ``path`` is a Parquet file in the columns of MEMBERS."""

    path: Path
    members: int
    """Rows: the archived too."""
    taken_at: datetime
    """UTC, by this machine's clock."""
    full: bool
    """It was read as a whole this time, not only what changed."""
    calls: int


def refresh(
    client: Mailchimp,
    audience_id: str,
    directory: Path,
    *,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    full: bool = False,
) -> Snapshot:
    """Bring the local copy of an audience up to date.

    Args:
        client: the client.
        audience_id: the audience.
        directory: this audience's own directory.
        progress: told the share done (0 to 1) and what is going on.
        cancelled: asked between pages; True ends it, and what was read is kept for next time.
        full: read everything even when reading the changes would do.

    Raises:
        CancelledError: when ``cancelled`` said so.
        MailchimpError: what the client raises.
        StorageError: the directory cannot be written.
    """
    raise NotImplementedError
