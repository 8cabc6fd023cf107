"""Make the sample company once, whole or not at all, and say where it is."""

import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from lib.errors import InputError, StorageError
from lib.sources import Source
from lib.sql import text
from lib.warehouse.sample.dirt import DIRT
from lib.warehouse.sample.people import ANCHOR, DRAWN, FIRST_ID, NAMED, PROFILES
from lib.warehouse.sample.subscribers import FILE, SUBSCRIBERS
from lib.warehouse.sample.trade import (
    EVENTS,
    EVENTS_FILE,
    ORDERS,
    ORDERS_FILE,
    PRICED,
    SPENDING,
    VISITS,
    add_products,
)
from lib.warehouse.sample.world import build_world

_LOG = logging.getLogger(__name__)

RECIPE: Final = 2
"""Goes up when the same number of profiles would give other data; older ones are then remade."""

TABLES: Final = ("profiles", "orders", "products", "events")
_EVENTS_PER_PROFILE: Final = 2.5
_ROW_GROUP: Final = 122_880
_FORM: Final = "COMPRESSION lz4_raw, PARQUET_VERSION v2"
"""A third larger than zstd, and read with a fifth to a third less processor time (observed)."""
Progress = Callable[[float, str], None]


def make(
    directory: Path, profiles: int = 1_200_000, progress: Progress | None = None
) -> tuple[Source, ...]:
    """Return the sample company's sources, making its files when they are not there yet.

    The same number of profiles always gives the same data, whatever the day and the machine.
    A making that was interrupted leaves nothing that counts; the next call makes it anew.

    Args:
        directory: where to keep it; several sizes live side by side.
        profiles: how many customers; orders (about 4 for each) and events grow with it.
        progress: told the share done (0 to 1) and what is being made.

    Raises:
        InputError: fewer than one profile.
        StorageError: the directory cannot be written, or the disk is full.
    """
    if profiles < 1:
        raise InputError("The sample company needs at least one profile.")
    home = _home(directory, profiles)
    try:
        if not _is_whole(home):
            directory.mkdir(parents=True, exist_ok=True)
            with _alone(directory):
                if not _is_whole(home):
                    _make_whole(home, profiles, progress or _silent)
    except (OSError, duckdb.IOException):
        raise StorageError(
            "The sample company cannot be written: check the disk's free space and the folder's "
            "rights."
        ) from None
    return tuple(
        Source(name, str(home / f"{name}.parquet"), "profile_id" if name == "profiles" else "")
        for name in TABLES
    )


def subscribers(directory: Path, profiles: int) -> Path:
    """Return the file of who gets its newsletter already; it is there once ``make`` is done."""
    return _home(directory, profiles) / FILE


def _home(directory: Path, profiles: int) -> Path:
    return directory / f"company-{RECIPE}-{profiles}"


def _silent(share: float, what: str) -> None:
    """Tell nobody."""


def _is_whole(home: Path) -> bool:
    return all((home / f"{name}.parquet").is_file() for name in TABLES) and (home / FILE).is_file()


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one process at a time make it; the system frees the lock of one that died."""
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_whole(home: Path, profiles: int, progress: Progress) -> None:
    started = time.monotonic()
    making = home.parent / ".making"
    shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    making.mkdir()
    try:
        _write_tables(making, profiles, progress)
        shutil.rmtree(making / "spill", ignore_errors=True)
        making.rename(home)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _LOG.info("made the sample company in %.1f s", time.monotonic() - started)


def _write_tables(home: Path, profiles: int, progress: Progress) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET temp_directory = {text(str(home / 'spill'))}")
        connection.execute("SET memory_limit = '3GB'")
        connection.execute("SET TimeZone = 'UTC'")
        build_world(connection)
        words = {
            "anchor": ANCHOR,
            "first_id": FIRST_ID,
            "profiles": profiles,
            "products": add_products(connection),
            "events": int(profiles * _EVENTS_PER_PROFILE),
            "profiles_file": text(str(home / "profiles.parquet")),
            "subscribers_file": text(str(home / FILE)),
            **DIRT,
        }
        for share, what, statement, table in STEPS:
            progress(share, what)
            _carry_out(connection, statement.format(**words), home, table)
    progress(1.0, "done")


STEPS: Final = (
    (0.00, "drawing customers", DRAWN, ""),
    (0.06, "taking orders", ORDERS, ""),
    (0.14, "pricing orders", PRICED, ""),
    (0.24, "adding up", SPENDING + ";DROP TABLE orders", ""),
    (0.30, "watching visitors", EVENTS + ";" + VISITS, ""),
    (0.40, "naming customers", NAMED, ""),
    (0.55, "writing profiles", PROFILES, "profiles"),
    (0.74, "inviting subscribers", SUBSCRIBERS, ""),
    (0.75, "writing orders", ORDERS_FILE, "orders"),
    (0.90, "writing events", EVENTS_FILE, "events"),
    (0.98, "writing products", "FROM products ORDER BY product_id", "products"),
)
"""Share done before, what it is, the statement, and the table whose file it fills ('' for none)."""


def _carry_out(
    connection: duckdb.DuckDBPyConnection, statement: str, home: Path, table: str
) -> None:
    if table:
        file = text(str(home / f"{table}.parquet"))
        statement = (
            f"COPY ({statement}) TO {file} (FORMAT parquet, {_FORM}, ROW_GROUP_SIZE {_ROW_GROUP})"
        )
    connection.execute(statement)
