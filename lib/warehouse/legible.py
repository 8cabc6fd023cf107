"""Rows to look at: what Arrow's readers and Python have no value for becomes text.

Polars refuses or panics over such types and moments, and Python has no date beyond the year 9999.
"""

import re
from collections.abc import Iterable
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lib.sql import ident

_STRANGE: Final = re.compile(
    r"\b(?:INTERVAL|UNION|VARIANT|BIGNUM|BIT|GEOMETRY)\b|(?:DATE|TIMESTAMP).*[\])]"
)
"""Types without a form of their own; moments inside others, which nobody looks through."""
_DAY: Final = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_DAYS: Final = (-719_161, 2_932_895)
"""From the year 1 to 9999, in days since 1970, with a day left for zones at both ends."""


def columns_of(found: duckdb.DuckDBPyRelation) -> str:
    """Return the columns for a SELECT from this relation, those of strange types as text."""
    kinds = zip(found.columns, found.types, strict=True)
    return _but_text(name for name, kind in kinds if _STRANGE.search(str(kind)))


def moments(cursor: duckdb.DuckDBPyConnection, rows: pa.Table) -> pa.Table:
    """Return the rows, those columns as text that hold a moment beyond the years 1 to 9999."""
    beyond = [
        name for name, column in zip(rows.column_names, rows.columns, strict=True) if _far(column)
    ]
    return cursor.from_arrow(rows).project(_but_text(beyond)).to_arrow_table() if beyond else rows


def _but_text(names: Iterable[str]) -> str:
    texts = ", ".join(f"{ident(name)}::VARCHAR AS {ident(name)}" for name in names)
    return f"* REPLACE ({texts})" if texts else "*"


def _far(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if not (pa.types.is_date32(kind) or pa.types.is_timestamp(kind)):
        return False
    day = _DAY[kind.unit] if pa.types.is_timestamp(kind) else 1
    ends = pc.min_max(column.cast(pa.int64() if day > 1 else pa.int32()))
    least, most = ends["min"].as_py(), ends["max"].as_py()
    return least is not None and (least < _DAYS[0] * day or most > _DAYS[1] * day)
