"""Points in time as the API writes and reads them: ISO 8601 in UTC, to the second."""

from datetime import UTC, datetime
from functools import lru_cache

from lib.practice.problem import FieldFault, schema_fault


@lru_cache(maxsize=65536)
def write_time(seconds: int) -> str:
    """Seconds since 1970 as text; 0 is no time at all and becomes empty."""
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else ""


def read_time(text: str, field: str) -> float:
    """Text as seconds since 1970; a time without zone is UTC.

    Raises:
        ProblemError: 400, when the text is no time.
    """
    try:
        # A plus sign that was not escaped in a query arrives as a blank.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+" if "T" in text else " "))
    except ValueError:
        raise schema_fault(FieldFault(field, "This value is not a valid datetime.")) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
