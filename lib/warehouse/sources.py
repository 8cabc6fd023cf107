"""Take in a source: check that it can be read now, and turn what is not Parquet into Parquet.

What each kind of file becomes is in ``convert``; here are the name, the place and the refusals.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from lib.errors import InputError, SourceError, SqlError
from lib.sources import Source
from lib.sql import check_select, text
from lib.warehouse import copies
from lib.warehouse.convert import KINDS, require_there, suffix
from lib.warehouse.files import find_files

_LONGEST_NAME: Final = 63
_PATTERN: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A source that was taken in, and what people should know about how it was read."""

    source: Source
    note: str = ""
    """Such as an encoding that was assumed; empty when there is nothing to say."""


def admit(name: str, location: str, directory: Path) -> Source:
    """Return the source, ready for the warehouse; as ``take_in``, without its note."""
    return take_in(name, location, directory).source


def take_in(name: str, location: str, directory: Path) -> Admitted:
    """Check the location, convert what is not Parquet, and return the source with a note.

    Args:
        name: what its table is called in SQL: letters, digits and ``_``, no word of SQL itself.
        location: on this machine: a Parquet file, a folder or pattern of them (read in place), or
            CSV, TSV, JSON lines, Arrow (converted, and anew after a change), or a table
            of an SQLite or DuckDB file as ``PATH#table``.
        directory: where converted copies go.

    Raises:
        InputError: the name cannot be used, or nothing usable is at the location.
        SourceError: it is there, but cannot be read.
        StorageError: the converted copy cannot be written.
    """
    path, table = _located(name, location)
    if _is_parquet(path):
        source = Source(name, str(path))
        _check_parquet(source)
        return Admitted(source)
    return _converted(name, path, table, directory)


def check(name: str, location: str) -> None:
    """Check of a source what can be told without reading it.

    Raises:
        InputError: the name cannot be used, or nothing is at the location.
    """
    path, _ = _located(name, location)
    if _is_parquet(path):
        _files(Source(name, str(path)))
    else:
        require_there(path)


def _located(name: str, location: str) -> tuple[Path, str]:
    _check_name(name)
    given = location.strip().removeprefix("sqlite:///")
    _refuse_elsewhere(given)
    place, table = copies.split(given)
    return place.expanduser().absolute(), table


def _check_name(name: str) -> None:
    if len(name) > _LONGEST_NAME or not name.isidentifier():
        raise InputError(
            f"A table cannot be called {name[:_LONGEST_NAME]!r}: use letters, digits and _, "
            "starting with a letter."
        )
    try:
        check_select(f"SELECT {name}.* FROM {name}")  # noqa: S608
    except SqlError:
        raise InputError(
            f"A table cannot be called {name}: the word means something in SQL; choose another."
        ) from None


def _refuse_elsewhere(place: str) -> None:
    if not place.partition("#")[0]:
        raise InputError("Give the file, folder or pattern that the source reads.")
    scheme, found, _ = place.partition("://")
    if found:
        raise InputError(
            f"A source cannot be read from {scheme[:20]}:// yet; bring the data to this machine "
            "as Parquet or CSV."
        )


def _is_parquet(path: Path) -> bool:
    if path.is_dir() or path.suffix.lower() in (".parquet", ".parq", ".pq"):
        return True
    return bool(_PATTERN & set(path.name)) and suffix(path) not in KINDS


def _files(source: Source) -> tuple[Path, ...]:
    try:
        return find_files(source)
    except SourceError:
        raise InputError(
            f"There is no Parquet file at {source.location}; check the path."
        ) from None


def _check_parquet(source: Source) -> None:
    files = _files(source)
    if any(_PATTERN & set(str(file)) for file in files):
        raise InputError("A Parquet file whose path holds *, ? or [ cannot be read; rename it.")
    paths = ", ".join(text(str(file)) for file in files)
    by_name = ", union_by_name = true" if len(files) > 1 else ""
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"FROM read_parquet([{paths}]{by_name}) LIMIT 0").fetchall()
    except duckdb.Error:
        raise SourceError(
            f"The source {source.name} cannot be read as Parquet: a file is damaged, or its "
            "files do not fit together."
        ) from None


def _converted(name: str, path: Path, table: str, directory: Path) -> Admitted:
    mark = hashlib.sha256(f"{path}#{table}".encode()).hexdigest()[:10]
    target = directory / f"{name}-{mark}.parquet"
    converted = copies.write(name, path, table, target)
    origin = f"{path}#{table}" if table else str(path)
    return Admitted(Source(name, str(target), origin=origin), converted.note)
