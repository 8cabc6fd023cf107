"""What a sample of a column's values says about which field it could feed."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from lib.contacts.fields import MergeField

_SHAPES = {
    "email": r"^\s*(?:mailto:)?[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
    "number": r"^-?\d+(?:[.,]\d+)?$",
    "date": r"^(?:\d{4}-\d\d-\d\d(?:[T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{8})$",
    "birthday": r"^(?:\d{4}-\d\d-\d\d(?:[T ].*)?"
    r"|\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{4}|3[2-9]|[4-9]\d))?)$",
    "phone": r"^\+?[\d\s().-]{5,20}$",
    "zip": r"^[A-Za-z0-9][A-Za-z0-9 -]{1,9}$",
    "url": r"^(?i:https?://)\S+$",
    "imageurl": r"^(?i:https?://)\S+$",
    "name": r"^[^\d@]{1,60}$",
}
WORDS = {
    "email": "look like addresses",
    "number": "are numbers",
    "date": "look like dates",
    "birthday": "look like birthdays",
    "phone": "look like telephone numbers",
    "zip": "look like postal codes",
    "url": "are web addresses",
    "imageurl": "are web addresses",
    "name": "look like names",
    "choice": "are among the field's choices",
}
_ROWS = 2_000
_NEVER = re.compile(r"\[\]$|^(?:STRUCT|MAP|BLOB|BOOLEAN)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A column's values, as far as they were sampled."""

    type: str
    values: pl.Series
    """Tidy texts, without the empty ones."""

    def fit(self, field: MergeField) -> tuple[float | None, str]:
        """Return the share of values that fit a field and why in words; None when unknown."""
        if _NEVER.search(self.type) and field.type != "address":
            return 0.0, ""
        shape = _shape(field)
        if self.values.is_empty() or not shape:
            return None, ""
        share = _CHOSEN(self.values, field) if shape == "choice" else self._share(shape)
        # Below half, a name must be wrong; a few odd values are only dirt.
        return (share if share >= 0.5 else 0.0), f"{share:.0%} of the values {WORDS[shape]}"

    def _share(self, shape: str) -> float:
        return float(self.values.str.contains(_SHAPES[shape]).cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]


def _among(values: pl.Series, field: MergeField) -> float:
    choices = [choice.strip().lower() for choice in field.choices]
    return float(values.str.to_lowercase().is_in(choices).cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]


_CHOSEN: Callable[[pl.Series, MergeField], float] = _among


def _shape(field: MergeField) -> str:
    if field.tag == "EMAIL":
        return "email"
    if field.tag in ("FNAME", "LNAME"):
        return "name"
    if field.choices and field.type in ("radio", "dropdown"):
        return "choice"
    return field.type if field.type in _SHAPES else ""


def gather(name: str, type_name: str, sample: pa.Table | None) -> Evidence:
    """Gather evidence about a column.

    Args:
        name: its name.
        type_name: the engine's name of its type.
        sample: rows that may hold it.
    """
    empty = pl.Series(name, [], dtype=pl.String)
    if sample is None or name not in sample.column_names or _NEVER.search(type_name):
        return Evidence(type_name, empty)
    series = pl.Series(name, sample.column(name).slice(0, _ROWS)).cast(pl.String, strict=False)
    texts = series.str.strip_chars()
    return Evidence(type_name, texts.filter(texts.is_not_null() & (texts != "")))
