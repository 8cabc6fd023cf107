"""Data matching: which profile column feeds the address and which merge field."""

from collections.abc import Sequence
from dataclasses import dataclass

ADDRESS_PARTS = ("addr1", "addr2", "city", "state", "zip", "country")
"""Keys of an address value, in Mailchimp's order."""


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """One attribute: a column that feeds a merge field."""

    tag: str
    column: str
    """The column; of an address made from several columns, the one with the street."""
    keep_filled: bool = False
    """Never overwrite a value that the audience already holds."""
    parts: tuple[tuple[str, str], ...] = ()
    """For an address made from several columns: pairs of a key of ADDRESS_PARTS and a column."""

    def __post_init__(self) -> None:
        """Accept the lists that JSON has instead of tuples."""
        pairs: Sequence[Sequence[str]] = self.parts
        object.__setattr__(self, "parts", tuple((key, column) for key, column in pairs))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads."""
        return tuple(column for _, column in self.parts) or (self.column,)


@dataclass(frozen=True, slots=True)
class Matching:
    """The whole data matching of an export."""

    email: str
    """Column that holds the address."""
    fields: tuple[FieldMatch, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads, the address first, each once."""
        columns = (column for field in self.fields for column in field.columns)
        return tuple(dict.fromkeys((self.email, *columns)))
