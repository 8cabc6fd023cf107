"""Find a person by what one knows, an address, names, a phone, an id, and what belongs to them."""

import re
from typing import Final

import pyarrow as pa

from lib.errors import InputError, NotFoundError
from lib.sql import Sql, ident
from lib.sql.keys import key_text, told
from lib.warehouse import Preview, ProfileTable, Table, Warehouse

_TELLING: Final = re.compile(r"e-?mail|name|navn|phone|mobile|mobil", re.IGNORECASE)
_MOST_COLUMNS: Final = 6
_MOST_WORDS: Final = 6
_BETWEEN: Final = "@._-+"
"""What stands between the words of an address, a double name or a phone."""
_SPACES: Final = str.maketrans(_BETWEEN, " " * len(_BETWEEN))


def search_person(warehouse: Warehouse, text: str, limit: int = 50, *, tag: str = "") -> pa.Table:
    """Return profiles, all columns, that hold every word of the text.

    A word matches a part of an address, a name or a phone, whatever its case, or a whole key.
    Exact keys and addresses come first, then those where every word starts a word (of a name, or of
    an address: what stands after a dot or the like), then those that hold it further inside.

    Raises:
        InputError: nothing to search for, or the warehouse has no table of profiles.
    """
    profiles = warehouse.profile_table()
    if profiles is None:
        raise InputError("There is no table of profiles to search; declare the key of a source.")
    words = text.split()[:_MOST_WORDS]
    if not words:
        raise InputError("Type a part of a name or an address, or an id.")
    table = next(table for table in warehouse.tables() if table.name == profiles.name)
    # One more than there can be, as how many there are besides need not be counted.
    return warehouse.preview(_query(profiles, table, words, limit), limit + 1, tag=tag).rows


def search_related(
    warehouse: Warehouse, table: str, key: str, value: object, limit: int
) -> Preview:
    """Return the first rows of another table that belong to a profile.

    Args:
        warehouse: where.
        table: name of the table.
        key: its column of that name.
        value: the profile's key as the warehouse gave it; none, and what is no value of the
            column's type, has no rows.
        limit: most rows to return.

    Raises:
        NotFoundError: no such table or column.
    """
    for one in warehouse.tables():
        for column in one.columns:
            if (one.name, column.name) == (table, key):
                # The second finds it quickly; casting rounds, so that the first has to agree.
                held = f"{key_text(ident(key))} = ? AND {ident(key)} = try_cast(? AS {column.type})"
                query = f"SELECT * FROM {ident(table)} WHERE {held}"  # noqa: S608
                wanted = None if value is None else told(value)
                return warehouse.preview(Sql(query, (wanted, wanted)), limit)
    raise NotFoundError(f"The table {table} has no column {key}; choose another.")


def _query(profiles: ProfileTable, table: Table, words: list[str], limit: int) -> Sql:
    key = key_text(ident(profiles.key))
    columns = _columns(table)
    held = _folded(f"concat_ws(' ', {', '.join(columns)})") if columns else "''"
    word = _folded("?")
    every = " AND ".join(f"(contains({held}, {word}) OR {_folded(key)} = {word})" for _ in words)
    exact = " OR ".join(f"{_folded(f'trim({column})')} = {word}" for column in (key, *columns))
    starts = " AND ".join(f"contains({_spaced(held)}, {word})" for _ in words)
    name = ident(table.name)
    query = (
        f"WITH found AS (SELECT {ident(profiles.key)} AS k, "  # noqa: S608
        f"CASE WHEN {exact} THEN 0 WHEN {starts} THEN 1 ELSE 2 END AS far FROM {name} "
        f"WHERE {every} ORDER BY far, k LIMIT {int(limit)}) "
        f"SELECT p.* FROM {name} AS p JOIN found ON p.{ident(profiles.key)} = found.k "
        "ORDER BY found.far, found.k"
    )
    whole = " ".join(words)
    begun = [" " + word.translate(_SPACES) for word in words]
    asked = [value for word in words for value in (word, word)]
    return Sql(query, (*[whole] * (len(columns) + 1), *begun, *asked))


def _folded(text: str) -> str:
    """Return SQL for a text in one case; lower alone keeps the two forms of a sigma."""
    return f"replace(lower({text}), 'ς', 'σ')"


def _spaced(held: str) -> str:
    return f"' ' || translate({held}, '{_BETWEEN}', '{' ' * len(_BETWEEN)}')"


def _columns(table: Table) -> list[str]:
    texts = [column.name for column in table.columns if column.type == "VARCHAR"]
    telling = [name for name in texts if _TELLING.search(name)]
    return [ident(name) for name in (telling or texts)[:_MOST_COLUMNS]]
