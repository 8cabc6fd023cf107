"""Incidents: unexpected errors, told by a number; where they came from stands in the log alone."""

import logging
import secrets
import traceback
from pathlib import Path

log = logging.getLogger(__name__)


def record(error: Exception, doing: str, *, level: int = logging.ERROR) -> str:
    """Log what kind of error came from where, and return the number of the incident.

    Its own words are not logged: they may hold an address or a key.

    Args:
        error: what nobody expected.
        doing: what was going on, as in ``making plan plan_1``.
        level: of the line in the log.
    """
    incident = secrets.token_hex(4)
    steps = traceback.extract_tb(error.__traceback__)
    lines = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(steps))
    log.log(level, "Incident %s, %s: %s at %s", incident, doing, type(error).__name__, lines)
    return incident
