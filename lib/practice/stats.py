"""What was asked of the practice Mailchimp: counted for tests, benchmarks and curious people."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Stats:
    """Counters since the start or the last reset."""

    calls: Counter[str] = field(default_factory=Counter)
    """By method and path template."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Replies by HTTP status; ``dropped`` for closed connections."""
    faults: Counter[str] = field(default_factory=Counter)
    """Faults that struck, by name."""
    written: int = 0
    """Members created or updated, in batches and singly."""

    def document(self) -> dict[str, Any]:
        """The counters as JSON."""
        return {
            "calls": dict(self.calls),
            "statuses": dict(self.statuses),
            "faults": dict(self.faults),
            "contacts_written": self.written,
        }
