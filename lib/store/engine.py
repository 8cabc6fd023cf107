"""The database engine: SQLite in the state directory, or whatever the URL names."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from lib.errors import SettingsError, StorageError
from lib.settings import Settings
from lib.store.failures import explain, speak_plainly

FILE = "store.db"
BUSY_S = 30.0
"""How long to wait for another process that writes, in seconds."""

# WAL lets readers go on while one process writes. synchronous=FULL puts every commit on the disk
# before the batch it announces is sent, so the journal survives a power cut too; with NORMAL it
# would survive kill -9 only. secure_delete overwrites what is removed with zeros.
_PRAGMAS = ("foreign_keys = ON", "synchronous = FULL", "secure_delete = ON")


def make_room(settings: Settings) -> None:
    """Make the state directory, for its owner only.

    Raises:
        StorageError: it cannot be made, or is not a directory.
    """
    try:
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise StorageError(
            "The state directory cannot be made: check MUSTER_STATE, the permissions and the disk."
        ) from None


def make_engine(settings: Settings) -> Engine:
    """Make the engine; nothing is opened yet.

    Raises:
        SettingsError: the URL is malformed or its driver is not installed.
        StorageError: the SQLite file cannot be made.
    """
    url = _url(settings)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        _make_file(Path(url.database or ""))
    connect_args: dict[str, object] = {"timeout": BUSY_S} if sqlite else {}
    try:
        engine = create_engine(url, connect_args=connect_args, pool_size=10, max_overflow=30)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise SettingsError(
            "The setting MUSTER_STORE_URL names a database whose driver is not installed."
        ) from None
    speak_plainly(engine, settings.state)
    if sqlite:
        _tune(engine, settings.state)
    return engine


def _url(settings: Settings) -> URL:
    if not settings.store_url:
        return URL.create("sqlite", database=str(settings.state.absolute() / FILE))
    try:
        url = make_url(settings.store_url)
    except ArgumentError:
        raise SettingsError(
            "The setting MUSTER_STORE_URL is no database URL; write it like "
            "postgresql+psycopg://user@host/name, or leave it empty."
        ) from None
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise SettingsError(
            "The setting MUSTER_STORE_URL names a database in memory, which would forget "
            "everything; name a file, or leave it empty."
        )
    return url


def _make_file(path: Path) -> None:
    """Make the file first, so that it and its logs are readable by their owner only."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError:
        raise StorageError(
            "The store cannot be opened: check that the state directory can be written."
        ) from None


def _tune(engine: Engine, place: Path) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise (explain(str(error), place) or error) from None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # A transaction that starts by reading cannot wait for its turn to write: it would fail.
        write = connection.get_execution_options().get("muster_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
