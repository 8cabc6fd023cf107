"""Mishaps: what is said when something goes wrong in a worker."""

from lib import incidents
from lib.errors import MusterError

UNEXPECTED = "Something unexpected went wrong; worker.log in the state directory says what."


def said(error: Exception, doing: str) -> str:
    """Return a sentence for people; of an unexpected error the log says where it came from."""
    if isinstance(error, MusterError):
        return str(error)
    incidents.record(error, doing)
    return UNEXPECTED
