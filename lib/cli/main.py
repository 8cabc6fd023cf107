"""Running the command, and what happens to an error."""

import errno
import logging
import os
import sys
from contextlib import suppress

from lib import incidents
from lib.errors import MusterError, SettingsError, StorageError

log = logging.getLogger(__name__)

INTERRUPTED = 130
"""Exit status after Ctrl+C."""


def main() -> None:
    """Run the command and end with its exit status."""
    try:
        _begin_log()
        # The commands take a while to import, and Ctrl+C may come meanwhile.
        from lib.cli.root import app

        try:
            app()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _leave_stdout()
        sys.exit(0)
    except Exception as error:
        sys.exit(_complain(error))


def _begin_log() -> None:
    level = os.environ.get("MUSTER_LOG", "").upper() or "ERROR"
    if level not in logging.getLevelNamesMapping():
        raise SettingsError(
            "The setting MUSTER_LOG cannot be used: say debug, info, warning or error."
        )
    logging.basicConfig(level=level)


def _complain(error: Exception) -> int:
    """Say what went wrong, and return the exit status."""
    from rich.text import Text

    from lib.cli.output import people

    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _leave_stdout()
        error = StorageError("No space is left on the disk to write to: free some, and try again.")
    if isinstance(error, MusterError):
        sentence, status = str(error), error.exit_status
    else:
        sentence, status = _unexpected(error), 1
    people.print(Text.assemble(("muster:", "bold red"), " ", sentence))
    return status


def _unexpected(error: Exception) -> str:
    incident = incidents.record(error, "at a command", level=logging.DEBUG)
    return (
        f"Something unexpected went wrong (incident {incident}). "
        "Run it again with MUSTER_LOG=debug to see where, and report it."
    )


def _leave_stdout() -> None:
    """Let nothing be written any more, which would fail again as the process ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
