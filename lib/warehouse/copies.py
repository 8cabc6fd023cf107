"""Converted copies of sources: written whole or not at all, and anew when the original changed.

Beside a copy stands a note of what its original looked like: size and time of each of its files.
"""

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import MusterError, SourceError, StorageError
from lib.sources import Source
from lib.warehouse.convert import Converted, convert
from lib.warehouse.files import stamp
from lib.warehouse.guesses import files_of

log = logging.getLogger(__name__)


def split(location: str) -> tuple[Path, str]:
    """Take the name of a table off a path; a file that is called so is meant itself."""
    if Path(location).exists():
        return Path(location), ""
    place, _, table = location.partition("#")
    return Path(place), table


def write(name: str, path: Path, table: str, target: Path) -> Converted:
    """Convert what is at the path, in place of a copy that is there.

    Raises:
        InputError: nothing usable is at the path.
        SourceError: it is there but cannot be read, or is being written right now.
        StorageError: the copy cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with alone(target):
            seen = _seen(path)
            with _appearing(target) as half:
                converted = convert(name, path, table, half)
                if _seen(path) != seen:
                    raise SourceError(f"The source {name} is being written right now; try again.")
            _tell(target, {"seen": seen, "note": converted.note})
    except OSError:
        raise StorageError(
            "The converted copy cannot be written: check the disk's free space and the state "
            "directory's rights."
        ) from None
    return converted


def renew(source: Source) -> None:
    """Convert a source anew when its original is another than the copy was made of.

    What cannot be read now is not tried again before it changes; meanwhile the former copy is
    read, and ``trouble`` says so.
    """
    if not source.origin:
        return
    target, (path, table) = Path(source.location), split(source.origin)
    seen, told = _seen(path), _told(target)
    if not seen or (target.exists() and seen in {told.get("seen"), told.get("failed")}):
        return
    try:
        write(source.name, path, table, target)
    except MusterError as error:
        log.warning("The source %s could not be read anew.", source.name)
        try:
            _tell(target, {**told, "failed": seen, "why": str(error)})
        except OSError:
            return


def trouble(source: Source) -> str:
    """Say why a source is read as it was before; empty when its copy is what the original is."""
    if not source.origin:
        return ""
    seen, told = _seen(split(source.origin)[0]), _told(Path(source.location))
    if not seen:
        return f"{source.origin} is gone; what was read of it last is used."
    return told.get("why", "") if seen == told.get("failed") else ""


def note(source: Source) -> str:
    """Say what was assumed as a source was converted, such as its encoding; empty when nothing."""
    return _told(Path(source.location)).get("note", "") if source.origin else ""


def remove(source: Source, directory: Path) -> None:
    """Delete the copy of a source, if one was made; the original stays.

    Raises:
        StorageError: it cannot be deleted.
    """
    target = Path(source.location)
    if not source.origin or target.parent != directory:
        return
    try:
        for path in (target, _note(target)):
            path.unlink(missing_ok=True)
    except OSError:
        raise StorageError(f"The copy of {source.name} cannot be deleted: {target}.") from None


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Hold the folder of the copies: nobody else writes one meanwhile."""
    held = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    half = target.with_suffix(".half")
    try:
        yield half
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _seen(path: Path) -> str:
    """Fingerprint the files of an original; empty when there are none."""
    found = files_of(path)
    if not found:
        return ""
    # What was written to an SQLite file last may be in the log beside it.
    beside = path.with_name(f"{path.name}-wal")
    facts = [stamp(one) for one in (*found, *([beside] if beside.is_file() else []))]
    return hashlib.sha256("".join(facts).encode()).hexdigest()


def _told(target: Path) -> dict[str, str]:
    try:
        told = json.loads(_note(target).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _tell(target: Path, told: dict[str, str]) -> None:
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(told), "utf-8")
    fresh.replace(_note(target))


def _note(target: Path) -> Path:
    return target.with_suffix(".json")
