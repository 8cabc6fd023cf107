"""A batch of operations (``/batches``): many calls in one, carried out later."""

from dataclasses import dataclass, field
from typing import Any

from lib.practice.timestamp import write_time

STATES = ("pending", "preprocessing", "started", "finalizing", "finished")
MOST_OPEN = 500


@dataclass(slots=True)
class Job:
    """One batch; ``results`` grows as operations are carried out."""

    id: str
    operations: list[dict[str, Any]]
    submitted: int
    state: str = "pending"
    results: list[dict[str, Any]] = field(default_factory=list)
    errored: int = 0
    completed: int = 0
    altered: bool = True

    @property
    def open(self) -> bool:
        """Whether it still counts against the limit of open batches."""
        return self.state != "finished"

    def document(self, base_url: str) -> dict[str, Any]:
        """The batch as the API shows it."""
        done = self.state == "finished"
        url = f"{base_url}/batch-results/{self.id}-response.tar.gz"
        return {
            "id": self.id,
            "status": self.state,
            "total_operations": len(self.operations),
            "finished_operations": len(self.results),
            "errored_operations": self.errored,
            "submitted_at": write_time(self.submitted),
            "completed_at": write_time(self.completed),
            "response_body_url": url if done else "",
        }

    def pack(self) -> dict[str, Any]:
        """Everything, for the disk."""
        return {name: getattr(self, name) for name in _PACKED}

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> "Job":
        """From the disk."""
        return cls(**packed, altered=False)


_PACKED = ("id", "operations", "submitted", "state", "results", "errored", "completed")
