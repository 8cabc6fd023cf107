"""Which table looks like the one with a row per customer."""

from collections.abc import Iterable, Iterator
from typing import Final

from lib.warehouse import Table

_NAMES: Final = ("profiles", "customers", "contacts", "people")
_SINGULAR: Final = {"people": "person"}


def candidates(tables: Iterable[Table]) -> Iterator[tuple[str, str]]:
    """Yield (table, column) that may be it, best first; whether the column is unique is not known.

    The tables named like customers come first, or the only table there is; the column is one
    named like a key.
    """
    by_name = {table.name.lower(): table for table in tables}
    likely = [by_name[name] for name in _NAMES if name in by_name]
    if not likely and len(by_name) == 1:
        likely = list(by_name.values())
    for table in likely:
        for column in _key_columns(table):
            yield table.name, column


def _key_columns(table: Table) -> list[str]:
    one = _SINGULAR.get(table.name.lower(), table.name.lower().rstrip("s"))
    wanted = (
        f"{one}_id",
        f"{one}id",
        "profile_id",
        "customer_id",
        "contact_id",
        "person_id",
        "id",
        "key",
        f"{one}_key",
        f"{one}_no",
        f"{one}_number",
    )
    by_name = {column.name.lower(): column.name for column in table.columns}
    return [by_name[name] for name in dict.fromkeys(wanted) if name in by_name]
