"""Columns of a query as text, where what reads its result has no form of their type."""

import re
from typing import Final

from lib.sql import Sql, check_select, ident
from lib.warehouse import Warehouse

ODD: Final = re.compile(r"\b(INTERVAL|UNION|VARIANT|BIT|BIGNUM|TIME(_NS)? WITH TIME ZONE)\b")
"""Types that only the engine knows, also inside lists and structs."""
MOMENTS: Final = re.compile(rf"\b(DATE|TIMESTAMP\w*)\b|{ODD.pattern}")
"""Those, and dates and times, some of which lie before or after what others can count."""


def with_texts(warehouse: Warehouse, query: Sql, kinds: re.Pattern[str], *, tag: str = "") -> Sql:
    """Return the query with text for each column whose type is of these kinds.

    Raises:
        SqlError: the gate or the engine refuses the query.
    """
    columns = warehouse.describe(query, tag=tag)
    if not any(kinds.search(column.type) for column in columns):
        return query
    parts = [
        f"{ident(column.name)}::VARCHAR AS {ident(column.name)}"
        if kinds.search(column.type)
        else ident(column.name)
        for column in columns
    ]
    return Sql(f"SELECT {', '.join(parts)} FROM ({check_select(query.text)}\n)", query.params)  # noqa: S608
