"""Mishaps: what is said and what is logged when something goes wrong."""

import logging
import traceback
from pathlib import Path

from lib.errors import MusterError

log = logging.getLogger(__name__)

UNEXPECTED = "Something unexpected went wrong; worker.log in the state directory says what."


def said(error: Exception, doing: str) -> str:
    """Return a sentence for people; of an unexpected error the log says where it came from."""
    if isinstance(error, MusterError):
        return str(error)
    log.error("Unexpected while %s: %s", doing, _place(error))
    return UNEXPECTED


def _place(error: Exception) -> str:
    """Say what kind of error came from where; its own words may hold an address or a key."""
    steps = traceback.extract_tb(error.__traceback__)
    lines = " < ".join(f"{Path(s.filename).name}:{s.lineno}" for s in reversed(steps))
    return f"{type(error).__name__} at {lines}"
