"""The members of a segment: the first of them to look at."""

import pyarrow as pa

from lib.segments.members import select_members
from lib.sql import Sql, ident
from lib.ui import resources
from lib.ui.segments import glimpse
from lib.warehouse.described import describe_segment

FIRST = 100
"""How many are shown."""


def first(sql: str) -> pa.Table:
    """Return the first members of a segment with the columns of its query.

    Raises:
        SqlError: the query does not work any more.
    """
    return glimpse.rows(Sql(sql), FIRST)


def select_all(name: str, sql: str) -> Sql:
    """Return SQL for all members, each once, with the columns of the segment's query.

    Raises:
        SqlError: the query does not work any more.
        MatchingError: it has a column with a name that Muster keeps for itself.
    """
    warehouse = resources.warehouse()
    query = describe_segment(warehouse, name, sql)
    members = select_members([query], warehouse.profile_table(), query.columns)
    columns = ", ".join(ident(column) for column in query.columns)
    text = f"select {columns} from (\n{members.text}\n)"  # noqa: S608 - names are quoted
    return Sql(text, members.params)
