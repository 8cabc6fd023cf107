"""What the database cannot do, said in sentences for people."""

from sqlalchemy import Engine, ExceptionContext, event

from lib.errors import MusterError, StateInUseError, StorageError

# Messages of SQLite's result codes (sqlite.org, "Result and Error Codes").
_SAYINGS: tuple[tuple[tuple[str, ...], type[MusterError], str], ...] = (
    (
        ("disk is full",),
        StorageError,
        "The disk that holds the state directory is full: free some space and try again; "
        "nothing was lost.",
    ),
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


def explain(message: str) -> MusterError | None:
    """Find the sentence for a message of the database, if it is a failure of the set-up."""
    lowered = message.lower()
    for signs, kind, sentence in _SAYINGS:
        if any(sign in lowered for sign in signs):
            return kind(sentence)
    return None


def speak_plainly(engine: Engine) -> None:
    """Have the engine raise our errors for full disks, missing rights and the like."""

    @event.listens_for(engine, "handle_error")
    def _(context: ExceptionContext) -> None:
        said = explain(str(context.original_exception))
        if said is not None:
            raise said from None
