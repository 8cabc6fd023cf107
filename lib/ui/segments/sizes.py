"""Sizes of segments: counted once per query and version of the data, shared by all sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lib.access import Person
from lib.errors import InputError, MusterError
from lib.segments.members import count_members
from lib.store import Store, counts
from lib.store.segments import Segment
from lib.ui import resources
from lib.warehouse.described import describe_segment


@dataclass(frozen=True, slots=True)
class Size:
    """How many distinct profiles, or why that cannot be said."""

    profiles: int | None
    trouble: str = ""
    """The sentence of the error; empty when it could be counted."""


def of_segments(chosen: Sequence[Segment]) -> Size:
    """Count the distinct union of some segments; of one, its members."""
    return _size(tuple((segment.name, segment.sql) for segment in chosen))


def of_sql(sql: str) -> Size:
    """Count the members that a query gives."""
    return _size((("", sql),))


def counted(store: Store, who: Person, listed: Sequence[Segment]) -> dict[str, Size]:
    """Return the size of each segment by its id, and keep each new count for the trend.

    What was counted at this version of the data is not counted again.
    """
    version, known = resources.warehouse().version(), counts.newest(store, who)
    sizes: dict[str, Size] = {}
    for segment in listed:
        last = known.get(segment.id)
        if last and last.fresh and last.version == version:
            sizes[segment.id] = Size(last.count)
            continue
        size = sizes[segment.id] = of_segments([segment])
        if size.profiles is not None:
            counts.record(store, who, segment.id, size.profiles, version)
    return sizes


def _size(named: tuple[tuple[str, str], ...]) -> Size:
    try:
        return _counted(named, resources.warehouse().version())
    except MusterError as error:
        return Size(None, str(error))


@st.cache_data(show_spinner=False, ttl="30m", max_entries=500)
def _counted(named: tuple[tuple[str, str], ...], version: str) -> Size:
    """Count; a query that does not work is an answer too, and is not tried with every click.

    Raises:
        MusterError: it could not be counted this time, such as for want of disk or patience.
    """
    warehouse = resources.warehouse()
    try:
        queries = [describe_segment(warehouse, name, sql) for name, sql in named]
        query = count_members(queries, warehouse.profile_table())
        rows = next(iter(warehouse.stream(query)))
    except InputError as error:
        return Size(None, str(error))
    return Size(int(rows.column("members")[0].as_py()))


def forget() -> None:
    """Count everything anew at the next look."""
    _counted.clear()
