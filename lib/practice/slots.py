"""The rule of ten: at most ten simultaneous connections per user, over all programs.

A request whose caller has gone away keeps its slot until it is done (error glossary).
"""

from dataclasses import dataclass, field

MOST = 10


@dataclass(slots=True)
class Slots:
    """How many requests are under way, by key; with the highest number seen."""

    most: int = MOST
    used: dict[str, int] = field(default_factory=dict)
    peak: int = 0
    refused: int = 0

    def take(self, key: str) -> bool:
        """Take a slot; False when all are taken."""
        used = self.used.get(key, 0)
        if used >= self.most:
            self.refused += 1
            return False
        self.used[key] = used + 1
        self.peak = max(self.peak, used + 1)
        return True

    def give_back(self, key: str) -> None:
        """The request is done."""
        self.used[key] -= 1
