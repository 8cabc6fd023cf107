"""Texts in CSV that a spreadsheet would run as a formula get a ``'`` before them (CSV injection).

Phone numbers and negative numbers stay as they are. Every file that people open in a spreadsheet
goes through here, whichever way its rows come.
"""

import re
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

_RISKY: Final = "^[=+\\-@\t\r\n]"
_HARMLESS: Final = r"^[+-]?[0-9][0-9 .,()/-]*$"


def defused(value: object) -> object:
    """Return a value for one cell; only texts are ever changed."""
    if isinstance(value, str) and re.match(_RISKY, value) and not re.fullmatch(_HARMLESS, value):
        return f"'{value}"
    return value


def defused_texts(texts: pa.Array) -> pa.Array:
    """Return a column of texts for cells, of Arrow."""
    risky = pc.fill_null(pc.match_substring_regex(texts, _RISKY), False)
    if not pc.any(risky).as_py():
        return texts
    harmless = pc.fill_null(pc.match_substring_regex(texts, _HARMLESS), True)
    risky = pc.and_(risky, pc.invert(harmless))
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def defused_column(texts: pl.Expr) -> pl.Expr:
    """Return a column of texts for cells, of Polars."""
    risky = texts.str.contains(_RISKY) & ~texts.str.contains(_HARMLESS)
    return pl.when(risky).then(pl.concat_str(pl.lit("'"), texts)).otherwise(texts)
