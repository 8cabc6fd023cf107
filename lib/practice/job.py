"""A batch of operations (``/batches``): many calls in one, carried out later."""

import json
from collections.abc import Iterator, Mapping
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
    chunks: list[int] = field(default_factory=list)
    """Where the parts of ``results`` begin that lie on disk, and where the last one ends."""
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

    def pack(self) -> Iterator[tuple[str, str]]:
        """What changed, as documents for the disk: the batch, and results not yet written."""
        self.altered = False
        start = self.chunks[-1] if self.chunks else 0
        if len(self.results) > start:
            self.chunks = [*(self.chunks or [0]), len(self.results)]
            yield self._chunk(start), json.dumps(self.results[start:])
        yield f"job:{self.id}", json.dumps({name: getattr(self, name) for name in _PACKED})

    def names(self) -> list[str]:
        """Names of all documents of this batch."""
        return [f"job:{self.id}", *(self._chunk(start) for start in self.chunks[:-1])]

    def _chunk(self, start: int) -> str:
        return f"results:{self.id}:{start}"

    @classmethod
    def unpack(cls, identity: str, documents: Mapping[str, str]) -> "Job":
        """From the disk."""
        job = cls(**json.loads(documents[f"job:{identity}"]), altered=False)
        for name in job.names()[1:]:
            job.results.extend(json.loads(documents[name]))
        return job


_PACKED = ("id", "operations", "submitted", "state", "errored", "completed", "chunks")
