"""Facts about the warehouse for pages, cached by what was asked and the version of the data.

Cached functions take everything as arguments: the cache is shared by all sessions, so nothing in
them may depend on the person. The underscore keeps the warehouse itself out of the key.
"""

import pyarrow as pa
import streamlit as st

from lib.sql import Sql, ident
from lib.warehouse import Preview, Warehouse, search, summary
from lib.warehouse.summary import ColumnSummary

FOUND = 50
"""Most people a search lists."""
_TTL = "1h"


@st.cache_data(ttl=_TTL, max_entries=100, show_spinner=False)
def columns(_warehouse: Warehouse, version: str, table: str) -> tuple[ColumnSummary, ...]:
    """Summarise all columns of a table."""
    return summary.summarise_table(_warehouse, table)


@st.cache_data(ttl=_TTL, max_entries=400, show_spinner=False)
def column(_warehouse: Warehouse, version: str, table: str, name: str) -> ColumnSummary:
    """Summarise one column, with its histogram or top values."""
    return summary.summarise(_warehouse, table, name)


@st.cache_data(ttl="10m", max_entries=100, show_spinner=False)
def people(_warehouse: Warehouse, version: str, text: str) -> pa.Table:
    """Find people by a part of their name, address or phone, or by their key."""
    return search.search_person(_warehouse, text, FOUND)


@st.cache_data(ttl=_TTL, max_entries=100, show_spinner=False)
def first_rows(_warehouse: Warehouse, version: str, table: str, limit: int) -> Preview:
    """Return the first rows of a table."""
    return _warehouse.preview(Sql(f"select * from {ident(table)}"), limit)  # noqa: S608


@st.cache_data(ttl="10m", max_entries=200, show_spinner=False)
def related(
    _warehouse: Warehouse, version: str, table: str, key: str, value: object, limit: int
) -> Preview:
    """Return the rows of a table that belong to one person."""
    return search.search_related(_warehouse, table, key, value, limit)
