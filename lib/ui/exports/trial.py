"""A trial of data matching on real members: what Mailchimp would get, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import streamlit as st

from lib.config.columns import Offer, offered
from lib.contacts.contacts import select_contacts
from lib.contacts.fields import MergeField
from lib.contacts.matching import Matching
from lib.contacts.preview import select_preview
from lib.contacts.problems import select_problems
from lib.runs.local import scratch
from lib.segments.members import select_members
from lib.sql import Sql
from lib.store.segments import Segment
from lib.ui import resources
from lib.warehouse import Column
from lib.warehouse.described import describe_segment

MOST = 50_000
"""Most profiles a trial looks at; the plan looks at all."""
SAMPLE = 2_000
"""Profiles that suggestions are made from."""

Named = tuple[tuple[str, str], ...]
"""Segments as pairs of name and SQL."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out."""

    profiles: int
    """How many were looked at."""
    contacts: pl.DataFrame
    """As select_preview has them."""
    problems: pl.DataFrame
    """As select_problems has them."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What the segments and the table of profiles offer to match."""

    columns: tuple[Column, ...]
    sample: pa.Table
    offer: Offer


def named(chosen: Sequence[Segment]) -> Named:
    """Return segments in the form that can be a key of a cache."""
    return tuple((segment.name, segment.sql) for segment in chosen)


def supply(chosen: Named) -> Supply:
    """Return the columns there are to match, with a sample of their values.

    Raises:
        SqlError: a segment does not work any more.
    """
    return _supply(chosen, resources.warehouse().version())


def run(chosen: Named, matching: Matching, fields: tuple[MergeField, ...]) -> Trial:
    """Try a matching on the first members of the segments.

    Raises:
        MatchingError: the matching cannot feed this audience.
        SqlError: a segment does not work any more.
    """
    return _run(chosen, matching, fields, resources.warehouse().version())


@st.cache_data(show_spinner=False, ttl="30m", max_entries=50)
def _supply(chosen: Named, version: str) -> Supply:
    warehouse = resources.warehouse()
    queries = [describe_segment(warehouse, name, sql) for name, sql in chosen]
    offer = offered(warehouse, queries)
    query = select_members(queries, warehouse.profile_table(), offer.names)
    columns = tuple(column for column in warehouse.describe(query) if column.name in offer.names)
    # One more than there are at most, so that they need not be counted.
    sample = warehouse.preview(_limited(query, SAMPLE), SAMPLE + 1).rows
    return Supply(columns, sample, offer)


@st.cache_data(show_spinner=False, ttl="30m", max_entries=50)
def _run(
    chosen: Named,
    matching: Matching,
    fields: tuple[MergeField, ...],
    version: str,
) -> Trial:
    warehouse = resources.warehouse()
    queries = [describe_segment(warehouse, name, sql) for name, sql in chosen]
    query = select_members(queries, warehouse.profile_table(), matching.columns)
    raw = pa.Table.from_batches(warehouse.stream(_limited(query, MOST)))
    contacts = select_contacts(matching, fields)
    settings = resources.settings()
    with scratch(settings.state, time_zone=settings.time_zone) as db:
        db.register("members", raw)
        db.execute("create table raw as from members")
        db.execute(f"create table contacts as {contacts.text}", list(contacts.params))
        shown = select_preview(matching, fields)
        wrong = select_problems(matching, fields)
        return Trial(
            raw.num_rows,
            db.sql(shown.text, params=list(shown.params)).pl(),
            db.sql(wrong.text, params=list(wrong.params)).pl(),
        )


def _limited(query: Sql, most: int) -> Sql:
    return Sql(f"select * from (\n{query.text}\n) limit {most}", query.params)  # noqa: S608
