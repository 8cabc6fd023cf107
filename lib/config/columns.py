"""Columns: which ones segments can give, and whether a data matching can have its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.contacts.matching import Matching
from lib.errors import MatchingError
from lib.segments.members import SegmentQuery, select_members
from lib.warehouse import Column, Warehouse

TEXT = "VARCHAR"
"""Type of text, as the warehouse calls it."""


def check(
    warehouse: Warehouse, segments: Sequence[SegmentQuery], matching: Matching
) -> tuple[Column, ...]:
    """Make sure that every column of the matching can be had and that the address is text.

    Returns:
        The columns the export will read.

    Raises:
        MatchingError: naming the column and what there is instead.
    """
    _check_there(warehouse, segments, matching)
    profiles = warehouse.profile_table()
    columns = warehouse.describe(select_members(segments, profiles, matching.columns))
    kinds = {column.name: column.type for column in columns}
    if kinds.get(matching.email) != TEXT:
        raise MatchingError(
            f"The column {matching.email} holds {kinds.get(matching.email)} values, not text; "
            "choose the column that holds the email address."
        )
    return columns


def _check_there(
    warehouse: Warehouse, segments: Sequence[SegmentQuery], matching: Matching
) -> None:
    offer = offered(warehouse, segments)
    there, lacking = offer.names, {name.casefold(): segment for name, segment in offer.lacking}
    for column in matching.columns:
        if segment := lacking.get(column.casefold()):
            raise MatchingError(
                f"Segment {segment} cannot give the column {column}; add it to the query, or "
                f"choose one that all give: {', '.join(there)}."
            )
        if column.casefold() not in _folded(there):
            raise MatchingError(
                f"There is no column {column} in the segments or the table of profiles; "
                f"there is: {', '.join(there)}."
            )


@dataclass(frozen=True, slots=True)
class Offer:
    """The columns that an export of some segments can ask for."""

    names: tuple[str, ...]
    """What every one of the segments can give, each once."""
    lacking: tuple[tuple[str, str], ...]
    """What only some can give: pairs of a column and the first segment that cannot."""


def offered(warehouse: Warehouse, segments: Sequence[SegmentQuery]) -> Offer:
    """Tell which columns every one of the segments can give.

    A segment gives what its query returns; one with the profile key gives the columns of the table
    of profiles too, where they are looked up.
    """
    profiles = warehouse.profile_table()
    table = next((t for t in warehouse.tables() if profiles and t.name == profiles.name), None)
    kept = tuple(column.name for column in table.columns) if table else ()
    gives = [
        (segment.name, segment.columns + (kept if profiles and segment.has(profiles.key) else ()))
        for segment in segments
    ]
    lacks = {
        column: next((name for name, given in gives if column not in _folded(given)), None)
        for column in _folded(name for _, given in gives for name in given)
    }
    spelt = {name.casefold(): name for _, given in reversed(gives) for name in reversed(given)}
    return Offer(
        tuple(spelt[column] for column, segment in lacks.items() if segment is None),
        tuple((spelt[column], segment) for column, segment in lacks.items() if segment is not None),
    )


def _folded(names: Iterable[str]) -> dict[str, None]:
    """Return the names as SQL compares them, in their order."""
    return dict.fromkeys(name.casefold() for name in names)
