"""How far the making of a plan is, for whoever waits for it."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from lib.settings import Settings

OFTEN_S = 0.25
"""Progress is written at most so often, in seconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is going on."""

    phase: str
    share: float
    """0..1, or -1 when unknown."""


class Outlook:
    """Writes how far a plan is; a disk that is full does not stop the plan for this."""

    def __init__(self, settings: Settings, plan_id: str) -> None:
        self._path = _path(settings, plan_id)
        self._told_at = 0.0
        self._phase = ""

    def tell(self, phase: str, share: float) -> None:
        """Write it, unless it was written a moment ago."""
        now = time.monotonic()
        if now - self._told_at < OFTEN_S and phase == self._phase:
            return
        self._told_at, self._phase = now, phase
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps({"phase": phase, "share": share}), "utf-8")
            fresh.replace(self._path)
        except OSError:
            return

    def forget(self) -> None:
        """Remove it: the plan is ready, or failed."""
        self._path.unlink(missing_ok=True)


def step(settings: Settings, plan_id: str) -> Step | None:
    """Return how far a plan is; None before it is begun and after it ended."""
    try:
        said = json.loads(_path(settings, plan_id).read_text("utf-8"))
        return Step(str(said["phase"]), float(said["share"]))
    except (OSError, ValueError, KeyError):
        return None


def _path(settings: Settings, plan_id: str) -> Path:
    return settings.runs_dir / "plans" / f"{plan_id}.progress.json"
