"""How many different values a column has: estimated for many columns at once, or counted.

An estimate (HyperLogLog) is some per cent off from about fifty values on, and cannot say that all
values differ. Counting takes as long again as all else that is asked of a table, so it is done
where it is quick, or where it tells whether a column is a key.
"""

from collections.abc import Sequence
from typing import Final

from lib.errors import MemoryLimitError
from lib.sql import Sql, ident
from lib.warehouse import Warehouse

SMALL: Final = 50_000
"""Rows up to which everything is counted."""
FEW: Final = 1_000
"""Estimated values up to which they are counted, however many rows there are."""
MOST_CELLS: Final = 30_000_000
"""Values that are counted by the way, of all columns together."""
_AT_ONCE: Final = 16
_KEY_ROWS: Final = 5_000_000
"""Rows up to which it is counted whether a column is a key: half a second (observed)."""
_KEY_SHARE: Final = 0.9
"""A key is never estimated at less than this share of its rows (observed: 0.96)."""


def is_quick(rows: int, estimate: int, *, nested: bool) -> bool:
    """Say whether a column can be counted by the way.

    Args:
        rows: rows of the table.
        estimate: about how many different values the column has.
        nested: it holds lists and the like, which take ten times as long.
    """
    return rows <= SMALL or (estimate <= FEW and not nested)


def may_be_key(held: int, estimate: int) -> bool:
    """Say whether all of the values that are held may differ, and can be counted in good time."""
    return held <= _KEY_ROWS and estimate >= _KEY_SHARE * held


def count(
    warehouse: Warehouse, table: str, columns: Sequence[str], *, tag: str = ""
) -> dict[str, int]:
    """Count the different values of some columns, by their names; not of those that need too much.

    Some at a time, as all that differ are held in memory.
    """
    found: dict[str, int] = {}
    for start in range(0, len(columns), _AT_ONCE):
        some = columns[start : start + _AT_ONCE]
        counts = ", ".join(f"count(DISTINCT {ident(name)})" for name in some)
        query = Sql(f"SELECT {counts} FROM {ident(table)}")  # noqa: S608
        try:
            (row,) = warehouse.preview(query, 1, tag=tag).rows.to_pylist()
        except MemoryLimitError:
            continue
        found |= dict(zip(some, row.values(), strict=True))
    return found
