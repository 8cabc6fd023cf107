"""What the database cannot do, said in sentences for people."""

import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, ExceptionContext, event

from lib.errors import MusterError, StateInUseError, StorageError

_FULL: Final = (
    "The disk that holds the state directory is full: free some space and try again; "
    "nothing was lost."
)
_LITTLE: Final = 1_000_000
"""SQLite tells of I/O errors when this much of a disk is left, in bytes, or less."""

# Messages of SQLite's result codes (sqlite.org, "Result and Error Codes").
_SAYINGS: tuple[tuple[tuple[str, ...], type[MusterError], str], ...] = (
    (("disk is full",), StorageError, _FULL),
    (
        ("readonly", "read-only"),
        StorageError,
        "The store in the state directory cannot be written: check its owner and permissions.",
    ),
    (
        ("unable to open",),
        StorageError,
        "The store cannot be opened: check that the state directory exists and can be written.",
    ),
    (
        ("disk i/o error",),
        StorageError,
        "The disk that holds the state directory reports an error: check the disk, then try again.",
    ),
    (
        ("not a database", "malformed"),
        StorageError,
        "The store in the state directory is damaged: put back a backup of it.",
    ),
    (
        ("is locked",),
        StateInUseError,
        "Another program has held the store for too long: end it, or try again in a moment.",
    ),
)


def explain(message: str, place: Path) -> MusterError | None:
    """Find the sentence for a message of the database, if it is a failure of the set-up.

    Args:
        message: of the database.
        place: the state directory, whose disk may be full without the database's knowing.
    """
    lowered = message.lower()
    for signs, kind, sentence in _SAYINGS:
        if any(sign in lowered for sign in signs):
            return kind(_FULL if "disk i/o error" in signs and _is_full(place) else sentence)
    return None


def _is_full(place: Path) -> bool:
    try:
        return shutil.disk_usage(place).free < _LITTLE
    except OSError:
        return False


def speak_plainly(engine: Engine, place: Path) -> None:
    """Have the engine raise our errors for full disks, missing rights and the like.

    Args:
        engine: of the store.
        place: the state directory.
    """

    @event.listens_for(engine, "handle_error")
    def _(context: ExceptionContext) -> None:
        said = explain(str(context.original_exception), place) or _unreachable(context)
        if said is not None:
            raise said from None


def _unreachable(context: ExceptionContext) -> MusterError | None:
    """Find the sentence for a server that lets nobody in, or has gone."""
    server = context.dialect.name != "sqlite"
    if server and (context.connection is None or context.is_disconnect):
        return StorageError(
            "The database that MUSTER_STORE_URL names cannot be reached: check that its server "
            "runs, and the address, name and password in the setting."
        )
    return None
