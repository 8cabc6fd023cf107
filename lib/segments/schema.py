"""What the rules need to know about tables: names, columns and the kind of each type."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from lib.errors import RuleError


class Kind(StrEnum):
    """Kinds of types, as far as conditions differ between them."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TRUTH = "truth"
    OTHER = "other"


class Column(Protocol):
    """A column; lib.warehouse.Column is one."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def type(self) -> str:
        """The engine's name of its type."""
        ...


class Table(Protocol):
    """A table; lib.warehouse.Table is one."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns."""
        ...


_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT")
_MORE_NUMBERS = ("UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM")


def kind_of(type_name: str) -> Kind:
    """Return the kind of one of the engine's types, such as VARCHAR or DECIMAL(18,2)."""
    name = type_name.upper().split("(")[0].strip()
    if type_name.endswith("]") or type_name.upper().startswith(("STRUCT", "MAP", "UNION")):
        return Kind.OTHER
    if name in ("VARCHAR", "TEXT", "STRING", "UUID", "ENUM", "CHAR", "JSON"):
        return Kind.TEXT
    if name in _NUMBERS or name in _MORE_NUMBERS:
        return Kind.NUMBER
    if name == "DATE" or name.startswith("TIMESTAMP"):
        return Kind.DATE
    return Kind.TRUTH if name == "BOOLEAN" else Kind.OTHER


def find_table(tables: Sequence[Table], name: str) -> Table:
    """Return the table of that name, ignoring case.

    Raises:
        RuleError: there is none.
    """
    for table in tables:
        if table.name.casefold() == name.casefold():
            return table
    raise RuleError(f"There is no table {name}; choose one of the tables of the warehouse.")


def find_column(table: Table, name: str) -> Column:
    """Return the column of that name, ignoring case.

    Raises:
        RuleError: there is none.
    """
    for column in table.columns:
        if column.name.casefold() == name.casefold():
            return column
    raise RuleError(f"The table {table.name} has no column {name}; choose another column.")
