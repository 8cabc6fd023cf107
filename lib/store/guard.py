"""The guard rails of an export: what a run that nobody watches may do at most."""

from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

from pydantic import TypeAdapter

from lib.errors import InputError


@dataclass(frozen=True, slots=True)
class Guard:
    """Rails of one export; None is no limit."""

    most_added: int | None = None
    """Contacts that one run may add."""
    most_removed: int | None = None
    """Members that one run may archive, or take the tags off, because they left."""
    most_rejected_percent: float | None = None
    """Share of the contacts that may be refused, before the run and during it."""
    most_deviation_percent: float | None = None
    """How many more or fewer contacts than in the last run there may be."""


USUAL = Guard(most_rejected_percent=10.0, most_deviation_percent=50.0)
"""Rails of an export for which nobody chose any: they stop what looks like broken data."""

_GUARD = TypeAdapter(Guard)


def checked(guard: Guard) -> Guard:
    """Return it when it can be kept.

    Raises:
        InputError: a rail is negative or no number, or more than all contacts are to be refused.
    """
    for rail in fields(guard):
        limit = getattr(guard, rail.name)
        if limit is not None and not (isfinite(limit) and limit >= 0):
            raise InputError("A guard rail is a number from 0 up; leave it out for no limit.")
    if (guard.most_rejected_percent or 0) > 100:
        raise InputError("At most 100 per cent of the contacts can be rejected.")
    return guard


def written(guard: Guard) -> dict[str, Any]:
    """Write it as a JSON object."""
    found: dict[str, Any] = _GUARD.dump_python(guard, mode="json")
    return found


def read(kept: dict[str, Any] | None) -> Guard:
    """Read it from a JSON object; the usual one when nothing was kept."""
    return USUAL if kept is None else _GUARD.validate_python(kept)
