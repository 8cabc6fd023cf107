"""Data matching: which profile column feeds the address and which merge field."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """One attribute: a column that feeds a merge field."""

    tag: str
    column: str
    keep_filled: bool = False
    """Never overwrite a value that the audience already holds."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The whole data matching of an export."""

    email: str
    """Column that holds the address."""
    fields: tuple[FieldMatch, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads, the address first, each once."""
        return tuple(dict.fromkeys((self.email, *(field.column for field in self.fields))))
