"""A DuckDB in memory that can read the sources' files and nothing else.

Each source is a view over its Parquet files. Then only those very files are allowed, access to
anything else is switched off, and the settings are locked; observed with DuckDB 2.0: the order
matters, and a locked ``max_execution_time`` reaches cursors only when it is set globally.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.errors import SetupError, SourceError
from lib.sources import Source
from lib.sql import ident, text
from lib.warehouse import Column, Table
from lib.warehouse.files import find_files

_NO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may use."""

    spill: Path
    """Folder of this process alone for what does not fit in memory."""
    memory: str
    """DuckDB size such as ``2GB``; beyond it operators spill to disk."""
    timeout_s: float
    time_zone: str
    """IANA name; what dates and times of a query mean."""
    threads: int | None = None
    """None takes one for each core."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A sandbox with its views."""

    connection: duckdb.DuckDBPyConnection
    tables: tuple[Table, ...]
    files: dict[str, tuple[Path, ...]]
    """Per table name, the files behind it."""
    broken: dict[str, str]
    """Per name of a source that could not be opened, the sentence why (names in lower case)."""


def open_sandbox(sources: Sequence[Source], limits: Limits) -> Opened:
    """Make views of the sources that can be read, then lock the engine in.

    Raises:
        SetupError: a limit that DuckDB refuses, such as an unknown time zone.
    """
    connection = duckdb.connect(":memory:", config=dict(_NO_EXTENSIONS))
    _set_limits(connection, limits)
    tables: list[Table] = []
    files: dict[str, tuple[Path, ...]] = {}
    broken: dict[str, str] = {}
    for source in sources:
        try:
            found = find_files(source)
            tables.append(_add_view(connection, source, found))
            files[source.name] = found
        except SourceError as error:
            broken[source.name.lower()] = str(error)
    _lock(connection, [path for found in files.values() for path in found])
    return Opened(connection, tuple(sorted(tables, key=lambda t: t.name)), files, broken)


def _set_limits(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    limits.spill.mkdir(parents=True, exist_ok=True)
    spare = shutil.disk_usage(limits.spill).free // 2
    settings = {
        "temp_directory": str(limits.spill),
        "max_temp_directory_size": f"{spare // 1_000_000}MB",
        "memory_limit": limits.memory,
        "TimeZone": limits.time_zone,
        "max_execution_time": str(max(1, int(limits.timeout_s * 1000))),
        "threads": "" if limits.threads is None else str(limits.threads),
    }
    for name, value in settings.items():
        if value:
            _set_globally(connection, name, value)


def _set_globally(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    try:
        connection.execute(f"SET GLOBAL {name} = {text(value)}")
    except duckdb.CatalogException:
        connection.execute(f"SET {name} = {text(value)}")
    except duckdb.Error:
        raise SetupError(f"The query engine refuses the setting {name} = {value}.") from None


def _add_view(
    connection: duckdb.DuckDBPyConnection, source: Source, files: tuple[Path, ...]
) -> Table:
    paths = "[" + ", ".join(text(str(path)) for path in files) + "]"
    by_name = ", union_by_name = true" if len(files) > 1 else ""
    try:
        connection.execute(
            f"CREATE VIEW {ident(source.name)} AS FROM read_parquet({paths}{by_name})"
        )
        rows = connection.execute(
            f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({paths})"  # noqa: S608
        ).fetchall()
        described = connection.execute(f"DESCRIBE {ident(source.name)}").fetchall()
    except duckdb.Error:
        raise SourceError(
            f"The source {source.name} cannot be read as Parquet: replace its files, "
            "or remove the source."
        ) from None
    columns = tuple(Column(str(row[0]), str(row[1])) for row in described)
    return Table(source.name, int(rows[0][0] or 0), columns)


def _lock(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    allowed = ", ".join(text(str(path)) for path in files)
    connection.execute(f"SET GLOBAL allowed_paths = [{allowed}]")
    connection.execute("SET GLOBAL enable_external_access = false")
    connection.execute("SET GLOBAL lock_configuration = true")
