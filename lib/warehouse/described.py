"""A segment as the warehouse sees it: its query with the columns that it returns."""

from lib.errors import SourceError, SqlError
from lib.segments.members import SegmentQuery
from lib.sql import Sql
from lib.sql.gate import check_select
from lib.warehouse import Warehouse


def describe_segment(warehouse: Warehouse, name: str, sql: str) -> SegmentQuery:
    """Describe a segment, so that it can be counted or read together with others.

    Args:
        warehouse: that it reads.
        name: of the segment, said when it does not work; empty while it is being written.
        sql: its query.

    Raises:
        SqlError: it is not one read-only SELECT, or the engine refuses it.
        SourceError: a source that it reads has vanished.
    """
    try:
        query = Sql(check_select(sql))
        columns = warehouse.describe(query)
    except (SqlError, SourceError) as error:
        if not name:
            raise
        told = f"The segment “{name}” does not work."
        raise type(error)(f"{told} {error}") from None
    return SegmentQuery(
        name,
        query,
        tuple(column.name for column in columns),
        tuple(column.type for column in columns),
    )
