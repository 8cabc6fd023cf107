"""A private DuckDB for one piece of work, and files that appear whole or not at all."""

import errno
import logging
import os
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from lib.errors import StorageError

log = logging.getLogger(__name__)

MEMORY = "500MB"
"""What one piece of work may hold before it spills to disk; a worker stays well under 1.5 GB."""
_IDLE: Final[deque[duckdb.DuckDBPyConnection]] = deque(maxlen=2)
"""Engines that did a small piece of work and wait for the next: opening one takes 25 ms."""
_SMALL_BYTES = 16 * 1024 * 1024


@contextmanager
def scratch(directory: Path, *, time_zone: str = "UTC") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a private DuckDB in memory that spills into the directory, and remove the spill.

    Args:
        directory: for what does not fit into memory.
        time_zone: IANA name of the zone whose days a moment falls on.

    Raises:
        StorageError: the disk is full, or a file of ours cannot be read or written.
    """
    with (
        disk(),
        TemporaryDirectory(prefix=".spill-", dir=directory) as spill,
        _engine(spill) as engine,
        engine.cursor() as db,
    ):
        db.execute("attach ':memory:' as work")
        db.execute("use work")
        db.execute("set timezone = ?", [time_zone])
        yield db


@contextmanager
def _engine(spill: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend an engine that nobody else works in; one that held much is closed afterwards."""
    try:
        engine = _IDLE.pop()
    except IndexError:
        engine = duckdb.connect()
    with ExitStack() as closing:
        closing.callback(engine.close)
        engine.execute("set memory_limit = ?", [MEMORY])
        engine.execute("set temp_directory = ?", [spill])
        engine.execute("set threads = 2")
        engine.execute("set preserve_insertion_order = false")
        yield engine
        if _is_as_new(engine, Path(spill)):
            closing.pop_all()
            _IDLE.append(engine)


def _is_as_new(engine: duckdb.DuckDBPyConnection, spill: Path) -> bool:
    """Take the work away, and say whether the engine can do more.

    Once it has spilled it cannot be told to spill elsewhere, and leaves a mark where it did.
    """
    try:
        used = "select sum(memory_usage_bytes) from duckdb_memory()"
        ((held,),) = engine.execute(used).fetchall()
        engine.execute("detach work")
    except duckdb.Error:
        return False
    return held <= _SMALL_BYTES and not any(spill.iterdir())


@contextmanager
def disk() -> Iterator[None]:
    """Turn every failure of the disk inside the block into one sentence.

    Raises:
        StorageError: the disk is full, or a file of ours cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        raise _storage(error.errno == errno.ENOSPC, error) from None
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        full = "space" in str(error) or "temp" in str(error)
        raise _storage(full, error) from None


def _storage(full: bool, error: Exception) -> StorageError:
    # DuckDB's and Arrow's own words can hold a value of a contact: only the kind is logged.
    log.error("A file of Muster failed: %s.", type(error).__name__)
    if full:
        return StorageError(
            "The disk that holds the state directory is full. Free some space and try again;"
            " nothing half-done was kept."
        )
    return StorageError(
        "A file in the state directory cannot be read or written. Check the disk and its rights,"
        " then try again."
    )


def keep(source: Path, target: Path) -> None:
    """Keep a file under another name, whatever becomes of the first.

    A hard link costs nothing and outlives the file's replacement.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    with disk():
        try:
            os.link(source, target)
        except FileExistsError:
            target.unlink()
            keep(source, target)
        except OSError:
            shutil.copyfile(source, target)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Give a path to write to; it takes its real name only when the block ends well."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def appearing_directory(directory: Path) -> Iterator[Path]:
    """Give a directory to fill; it takes its name, replacing what had it, when the block ends well.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    fresh = directory.with_name(f".{directory.name}.new")
    with disk():
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    try:
        yield fresh
        with disk():
            shutil.rmtree(directory, ignore_errors=True)
            fresh.replace(directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def removed(folder: Path) -> bool:
    """Remove a folder with all that is in it, and say whether there was one."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    shutil.rmtree(folder)
    return True
