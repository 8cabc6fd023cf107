"""Guard rails: what stops a run that nobody watches, before it sends and while it does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib.runs.orders import WORKER
from lib.store import exports, runs
from lib.store.acts import MACHINE
from lib.store.attempts import Before
from lib.store.database import Store
from lib.store.guard import Guard
from lib.store.runs import Run

ENOUGH = 500
"""Answered contacts before their share of rejections means anything: one batch."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rail that was reached."""

    rail: str
    """Field of ``Guard``, or ``doubt``."""
    message: str
    """In words for people."""


def breach(
    guard: Guard, counts: Mapping[str, Any], before: Before | None, doubt: str = ""
) -> Breach | None:
    """Return the first rail that a plan would go beyond; None when it keeps within all.

    Args:
        guard: of the export.
        counts: of the plan: ``contacts`` and ``fates``.
        before: the last run of the export that was done; None before the first one.
        doubt: a sentence when the plan stands on a copy of the audience that Mailchimp's own counts
            disagree with: only a person may go on from there.
    """
    if doubt:
        return Breach(
            "doubt",
            f"Stopped before anything was sent. {doubt} Look at the plan; if it is right, approve.",
        )
    return next(_breaches(guard, counts, before), None)


def _breaches(guard: Guard, counts: Mapping[str, Any], before: Before | None) -> Iterator[Breach]:
    fates, contacts = counts.get("fates", {}), int(counts.get("contacts", 0))
    added, removed = int(fates.get("added", 0)), int(fates.get("left", 0))
    if guard.most_added is not None and added > guard.most_added:
        yield _stopped(
            "most_added", f"it would add {added:,} contacts; at most {guard.most_added:,} may be"
        )
    if guard.most_removed is not None and removed > guard.most_removed:
        yield _stopped(
            "most_removed",
            f"{removed:,} members left its segments; at most {guard.most_removed:,} may at once",
        )
    refused = int(fates.get("invalid", 0)) + (before.rejected if before else 0)
    if _beyond(guard.most_rejected_percent, share := _percent(refused, contacts)):
        yield _stopped(
            "most_rejected_percent",
            f"{_said(share)} of its contacts are invalid, or were rejected by Mailchimp last time;"
            f" at most {_said(guard.most_rejected_percent)} may be",
        )
    moved = _percent(abs(contacts - before.contacts), before.contacts) if before else 0.0
    if before and _beyond(guard.most_deviation_percent, moved):
        yield _stopped(
            "most_deviation_percent",
            f"it has {contacts:,} contacts and the last run had {before.contacts:,}, a difference"
            f" of {_said(moved)}; at most {_said(guard.most_deviation_percent)} may be",
        )


class Watch:
    """Looks at one run while it sends; one that a person asked for keeps to no rails."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store, self._run = store, run
        unwatched = run.requested_by == MACHINE
        self._guard = exports.get(store, WORKER, run.export_id).guard if unwatched else Guard()
        self._trusted = self._guard.most_rejected_percent is None
        self.found: Breach | None = None

    def pace(self, most: int) -> int:
        """Return how many batches may be under way: one, until enough were answered well."""
        if self._trusted:
            return most
        run = runs.get(self._store, WORKER, self._run.id)
        if during(self._guard, run) is not None:
            return 0
        self._trusted = run.sent >= min(ENOUGH, run.total)
        return most if self._trusted else 1

    def reached(self) -> bool:
        """Say whether a rail is reached; ``found`` tells which."""
        if self.found is None and self._guard.most_rejected_percent is not None:
            self.found = during(self._guard, runs.get(self._store, WORKER, self._run.id))
        return self.found is not None


def during(guard: Guard, run: Run) -> Breach | None:
    """Return the rail that a run goes beyond while there is more to send; None while it is not."""
    rejected = run.outcomes.get("rejected", 0)
    share = _percent(rejected, run.sent)
    enough = ENOUGH <= run.sent < run.total
    if not enough or not _beyond(guard.most_rejected_percent, share):
        return None
    return Breach(
        "most_rejected_percent",
        f"Stopped while sending: Mailchimp rejected {rejected:,} of {run.sent:,} contacts,"
        f" {_said(share)}; at most {_said(guard.most_rejected_percent)} may be. Read why; resuming"
        " the run sends the rest.",
    )


def _stopped(rail: str, why: str) -> Breach:
    return Breach(
        rail, f"Stopped before anything was sent: {why}. Look at the plan; if it is right, approve."
    )


def _percent(part: int, whole: int) -> float:
    """Return the share in per cent; of nothing every one counts as a whole."""
    return 100.0 * part / max(whole, 1)


def _beyond(limit: float | None, percent: float) -> bool:
    return limit is not None and percent > limit


def _said(percent: float | None) -> str:
    return f"{percent or 0:,.1f} %".replace(".0 %", " %")
