"""The columns of a result, described by the rows that came along."""

import polars as pl

from lib.ui.text import _


def describe(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per column: name, type, share of empty values, distinct, least, greatest."""
    return pl.DataFrame([_described(rows[name]) for name in rows.columns])


def _described(column: pl.Series) -> dict[str, object]:
    nested = column.dtype.is_nested()
    plain = not (nested or column.dtype == pl.Binary)
    return {
        _("column"): column.name,
        _("type"): str(column.dtype).lower(),
        _("empty"): column.null_count() / max(1, len(column)),
        _("distinct"): None if nested else column.n_unique(),
        _("least"): _text(column.min()) if plain else "",
        _("greatest"): _text(column.max()) if plain else "",
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)[:80]
