"""The first rows of a query, read once per version of the data and shared by all sessions."""

import pyarrow as pa
import streamlit as st

from lib.sql import Sql
from lib.ui import resources


def rows(query: Sql, limit: int) -> pa.Table:
    """Return the first rows.

    Raises:
        SqlError: the query does not work, or not any more.
    """
    return _rows(query, limit, resources.warehouse().version())


@st.cache_data(show_spinner=False, ttl="30m", max_entries=100)
def _rows(query: Sql, limit: int, version: str) -> pa.Table:
    return resources.warehouse().preview(query, limit).rows
