"""Columns: which ones segments can give, and whether a data matching can have its own."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from lib.contacts.matching import Matching
from lib.errors import MatchingError
from lib.segments.members import SegmentQuery, select_members
from lib.segments.schema import Kind, kind_of
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
    names = {name.casefold() for name in offer.names}
    lacking = {name.casefold(): segment for name, segment in offer.lacking}
    clashing = {name.casefold(): types for name, types in offer.clashing}
    there = ", ".join(offer.names)
    for column in matching.columns:
        if segment := lacking.get(column.casefold()):
            raise MatchingError(
                f"Segment {segment} cannot give the column {column}; add it to the query, or "
                f"choose one that all give: {there}."
            )
        if types := clashing.get(column.casefold()):
            kinds = " / ".join(types)
            raise MatchingError(
                f"The segments give the column {column} in types that do not go together ({kinds});"
                " cast it in a query, as to VARCHAR."
            )
        if column.casefold() not in names:
            raise MatchingError(
                f"There is no column {column} in the segments or the table of profiles; "
                f"there is: {there}."
            )


@dataclass(frozen=True, slots=True)
class Offer:
    """The columns that an export of some segments can ask for."""

    names: tuple[str, ...]
    """What every one of the segments can give, each once."""
    lacking: tuple[tuple[str, str], ...]
    """What only some can give: pairs of a column and the first segment that cannot."""
    clashing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What they give in types that do not go together: pairs of a column and these types."""


_Given = dict[str, Column]
"""Columns by their names as SQL compares them."""


def offered(warehouse: Warehouse, segments: Sequence[SegmentQuery]) -> Offer:
    """Tell which columns every one of the segments can give.

    A segment gives what its query returns; one with the profile key gives the columns of the table
    of profiles too, where they are looked up.
    """
    profiles = warehouse.profile_table()
    table = next((t for t in warehouse.tables() if profiles and t.name == profiles.name), None)
    kept = _folded(table.columns) if table else {}
    gives = [
        (segment.name, (kept if profiles and segment.has(profiles.key) else {}) | _own(segment))
        for segment in segments
    ]
    names, lacking, clashing = [], [], []
    for column, spelt in _spelt(gives).items():
        without = next((name for name, given in gives if column not in given), None)
        types = {given[column].type: None for _, given in gives if column in given}
        if without is not None:
            lacking.append((spelt, without))
        elif not _go_together(types):
            clashing.append((spelt, tuple(types)))
        else:
            names.append(spelt)
    return Offer(tuple(names), tuple(lacking), tuple(clashing))


def _spelt(gives: Sequence[tuple[str, _Given]]) -> dict[str, str]:
    """Return all columns that are given, as the first that gives them writes them."""
    found: dict[str, str] = {}
    for _, given in gives:
        for column, one in given.items():
            found.setdefault(column, one.name)
    return found


def _own(segment: SegmentQuery) -> _Given:
    return _folded(map(Column, segment.columns, segment.types))


def _folded(columns: Iterable[Column]) -> _Given:
    return {column.name.casefold(): column for column in columns}


def _go_together(types: Collection[str]) -> bool:
    """Tell whether one column can hold values of all these types, as DuckDB sees it."""
    kinds = {kind_of(one) for one in types}
    return len(types) <= 1 or kinds in ({Kind.NUMBER}, {Kind.DATE})
