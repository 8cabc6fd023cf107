"""The Parquet files behind a source, and a fingerprint that changes when any of them does."""

import glob
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lib.errors import SourceError
from lib.sources import Source

_PATTERN: Final = frozenset("*?[")


def find_files(source: Source) -> tuple[Path, ...]:
    """List the source's Parquet files with their real paths, by name.

    Raises:
        SourceError: there is none now; the sentence names the source.
    """
    found = tuple(sorted({path.resolve() for path in _candidates(source.location)}))
    if not found:
        raise SourceError(
            f"The source {source.name} has no files any more: put them back, or remove the source."
        )
    return found


def _candidates(location: str) -> Iterable[Path]:
    path = Path(location)
    if path.is_dir():
        return (file for file in path.rglob("*.parquet") if file.is_file())
    if path.is_file():
        return (path,)
    if _PATTERN & set(location):
        matches = (Path(name) for name in glob.iglob(location, recursive=True))  # noqa: PTH207
        return (file for file in matches if file.is_file())
    return ()


def fingerprint(sources: Iterable[Source]) -> str:
    """Return a text that changes when a source or one of its files (size, time) changes."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.name}\0{source.location}\0{source.key}\0".encode())
        for path in _candidates(source.location):
            digest.update(stamp(path).encode())
    return digest.hexdigest()[:24]


def stamp(path: Path) -> str:
    """Return a text that changes when a file is written: its path, size and time."""
    try:
        facts = path.stat()
    except OSError:
        return f"{path}\0gone\0"
    return f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\0"
