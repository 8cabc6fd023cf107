"""Opening the store, and its two kinds of transaction."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from lib.settings import Settings
from lib.store.box import Box, open_box
from lib.store.engine import make_engine, make_room
from lib.store.references import Places
from lib.store.upgrade import upgrade


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The open store; safe to share between threads. Close it, or use it as context manager."""

    def __init__(
        self,
        engine: Engine,
        box: Box,
        *,
        origin: str | Callable[[], str] = "",
        clock: Callable[[], datetime] = _now,
        places: Places,
    ) -> None:
        self.places = places
        self._engine = engine
        self._writing = engine.execution_options(muster_write=True)
        # SQLite has one writer at a time and its waiters poll: inside one process a lock hands
        # the turn over at once, and fairly.
        self._turn = threading.Lock()
        self.box = box
        self._origin = origin
        self.clock = clock

    @property
    def origin(self) -> str:
        """From where the person of this moment acts."""
        return self._origin if isinstance(self._origin, str) else self._origin()

    def __repr__(self) -> str:
        return f"Store({self._engine.dialect.name})"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read in one transaction: everything seen is of one moment."""
        with self._engine.connect() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Write in one transaction: all of it, or nothing when an error is raised."""
        with self._turn, self._writing.begin() as db:
            yield db

    def scrub(self) -> None:
        """Make SQLite drop the log that may still hold what was just deleted.

        Best done after removing a secret; while another process reads, the log is dropped at the
        next chance instead.
        """
        if self._engine.dialect.name == "sqlite":
            with self._turn, self._engine.connect() as db:
                db.rollback()
                db.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection to the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(
    settings: Settings,
    *,
    origin: str | Callable[[], str] = "",
    clock: Callable[[], datetime] = _now,
) -> Store:
    """Open the store, made or brought up to date when needed.

    Args:
        settings: ``state``, ``store_url``, and where secrets are kept.
        origin: from where people act, for the audit log, or what tells it when somebody does.
        clock: gives the present moment, aware.

    Raises:
        SettingsError: the URL or the key is malformed, or a driver is missing.
        StorageError: the state directory or the store cannot be read or written, or the store
            was made by a newer version.
        StateInUseError: another program holds the store for too long.
    """
    make_room(settings)
    places = Places(settings.secret_commands, settings.secrets_file)
    box = open_box(settings.secret_key, settings.state)
    engine = make_engine(settings)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, box, origin=origin, clock=clock, places=places)
