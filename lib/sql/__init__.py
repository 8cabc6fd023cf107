"""SQL as a value, quoting, and the one place that decides "is this one read-only SELECT?"."""

from dataclasses import dataclass

from lib.sql.gate import check_select

__all__ = ["Param", "Sql", "check_select", "ident", "text"]

Param = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text with its bound values; hashable, so it can be a cache key."""

    text: str
    params: tuple[Param, ...] = ()
    """Values for the ``?`` marks, in order."""

    def __add__(self, other: "Sql") -> "Sql":
        return Sql(self.text + other.text, self.params + other.params)


def ident(name: str) -> str:
    """Quote a name of a table or column, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Quote a text literal where a bound value cannot stand (inside a view, say)."""
    return "'" + value.replace("'", "''") + "'"
