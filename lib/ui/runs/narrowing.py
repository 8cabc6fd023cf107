"""Ways to send fewer profiles, in SQL over the columns that the profiles here have."""

import re
from dataclasses import dataclass

from lib.errors import MusterError
from lib.sql import ident
from lib.ui import resources
from lib.warehouse.summary import kind_of

_WORTH = re.compile(r"value|revenue|sales|spen[dt]|turnover|score|points|orders", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ways:
    """Pieces of SQL that make a segment smaller."""

    best: str
    """An order and a limit: those who are worth most where a column says so."""
    half: str
    """A condition that always holds for the same half."""


def ways(limit: int) -> Ways:
    """Return the ways to keep within a limit."""
    warehouse = resources.warehouse()
    try:
        profiles, tables = warehouse.profile_table(), warehouse.tables()
    except MusterError:
        profiles, tables = None, ()
    if profiles is None:
        return Ways(f"limit {limit}", "hash(…) % 2 = 0")
    columns = next((table.columns for table in tables if table.name == profiles.name), ())
    key = _plain(profiles.key)
    worth = (
        f"{_plain(column.name)} desc"
        for column in columns
        if kind_of(column.type) == "number" and _WORTH.search(column.name)
    )
    return Ways(f"order by {next(worth, key)} limit {limit}", f"hash({key}) % 2 = 0")


def _plain(name: str) -> str:
    return name if name.isidentifier() else ident(name)
