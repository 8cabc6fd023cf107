"""A segment as the warehouse sees it: its query with the columns that it returns."""

from lib.segments.members import SegmentQuery
from lib.sql import Sql
from lib.warehouse import Warehouse


def describe_segment(warehouse: Warehouse, name: str, sql: str) -> SegmentQuery:
    """Describe a segment, so that it can be counted or read together with others.

    Raises:
        SqlError: it is not one read-only SELECT, or the engine refuses it.
    """
    query = Sql(sql)
    columns = tuple(column.name for column in warehouse.describe(query))
    return SegmentQuery(name, query, columns)
