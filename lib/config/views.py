"""Choices among all exports, for whoever lists them: those that need somebody, and so on."""

from enum import StrEnum

from lib.config.schedule import Standing
from lib.store.runs import RunState

TROUBLE = frozenset({RunState.FAILED, RunState.STOPPED})
"""States of a last run that somebody has to look at."""
_BLOCKED = {"rules", "consent", "user", "cron", "no_refresh"}


class View(StrEnum):
    """A choice among all exports."""

    ALL = "all"
    ATTENTION = "attention"
    LIVE = "live"
    SCHEDULED = "scheduled"
    OFF = "off"


def fits(standing: Standing, view: View) -> bool:
    """Say whether an export is among a choice."""
    live = standing.last_run is not None and standing.last_run.live
    return {
        View.ALL: True,
        View.ATTENTION: needs_somebody(standing),
        View.LIVE: live,
        View.SCHEDULED: standing.next_run is not None,
        View.OFF: standing.hindrance in {"off", "inactive", "detached"},
    }[view]


def needs_somebody(standing: Standing) -> bool:
    """Say whether a person has to do something: its last run went wrong, or it cannot run."""
    run = standing.last_run
    return standing.hindrance in _BLOCKED or (run is not None and run.state in TROUBLE)


def speaks_of(standing: Standing, words: str) -> bool:
    """Say whether words are in an export's name or in those of its audience and connection."""
    export = standing.export
    told = f"{export.name} {export.audience_name} {export.connection_name}".casefold()
    return words.strip().casefold() in told
