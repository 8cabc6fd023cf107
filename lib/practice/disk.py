"""What outlives the process: one SQLite file that is written before each reply.

Memory is the truth while the process runs; the file is a copy that is read once, at the start.
With write-ahead logging a commit is with the operating system when it returns, so a process that
is killed loses nothing it has acknowledged. ``synchronous=OFF`` leaves out waiting for the disk
itself: only a failing machine could lose something.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from lib.practice.columns import Interned
from lib.practice.member import NUMBERS, Members

_TABLES = """
CREATE TABLE IF NOT EXISTS document (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, email TEXT NOT NULL,
    merge TEXT NOT NULL, rare TEXT NOT NULL, status INTEGER NOT NULL, reason INTEGER NOT NULL,
    changed INTEGER NOT NULL, opted INTEGER NOT NULL, signed INTEGER NOT NULL,
    tagged INTEGER NOT NULL, shape INTEGER NOT NULL
);
"""
# A member's id on disk is the number of its audience and, in the lower 32 bits, its row.
_ROW_BITS = 32
_MEMBERS = "FROM member WHERE id BETWEEN ? AND ?"


class InUseError(Exception):
    """Another process holds the file."""


class Disk:
    """The file; without a directory everything stays in memory and nothing is written."""

    def __init__(self, directory: Path | None) -> None:
        self._file: sqlite3.Connection | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = _open(directory / "practice.sqlite")

    def documents(self) -> dict[str, str]:
        """Everything that is not a member: JSON text by name."""
        if self._file is None:
            return {}
        return dict(self._file.execute("SELECT name, body FROM document"))

    def members(self, number: int, shapes: Interned, taggings: Interned) -> Members:
        """The members of an audience; ``shapes`` and ``taggings`` are what their codes mean."""
        members = Members()
        members.shapes, members.taggings = shapes, taggings
        if self._file is None:
            return members
        names, span = ", ".join(["digest", "email", "merge", *NUMBERS]), _span(number)
        found = self._file.execute(f"SELECT {names} {_MEMBERS} ORDER BY id", span)
        _fill(members, list(zip(*found, strict=True)))
        rare = self._file.execute(f"SELECT id, rare {_MEMBERS} AND rare <> ''", span)
        members.rare = {key - span[0]: json.loads(text) for key, text in rare}
        return members

    def keep(self, documents: Mapping[str, str | None], members: Mapping[int, Members]) -> None:
        """Write what changed, in one transaction; a document of None is removed."""
        if self._file is None:
            for changed in members.values():
                changed.touched.clear()
            return
        with self._file as file:
            for name, body in documents.items():
                if body is None:
                    file.execute("DELETE FROM document WHERE name = ?", (name,))
                else:
                    file.execute("REPLACE INTO document VALUES (?, ?)", (name, body))
            for number, changed in members.items():
                file.executemany(_REPLACE, _records(number, changed))
                changed.touched.clear()

    def remove(self, document: str, number: int) -> None:
        """Remove a document, and the members of an audience."""
        if self._file is not None:
            with self._file as file:
                file.execute("DELETE FROM document WHERE name = ?", (document,))
                file.execute(f"DELETE {_MEMBERS}", _span(number))

    def forget(self) -> None:
        """Remove everything."""
        if self._file is not None:
            with self._file as file:
                file.execute("DELETE FROM document")
                file.execute("DELETE FROM member")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


_REPLACE = "REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _open(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
    try:
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = OFF")
        file.execute("PRAGMA cache_size = -32000")
        file.executescript(_TABLES)
        file.execute("BEGIN EXCLUSIVE")
        file.commit()
    except sqlite3.OperationalError as error:
        file.close()
        raise InUseError("another practice Mailchimp uses this state directory") from error
    return file


def _span(number: int) -> tuple[int, int]:
    return number << _ROW_BITS, ((number + 1) << _ROW_BITS) - 1


def _fill(members: Members, columns: list[tuple[object, ...]]) -> None:
    if not columns:
        return
    members.digests = list(columns[0])  # type: ignore[arg-type]
    members.emails = list(columns[1])  # type: ignore[arg-type]
    members.merges = list(columns[2])  # type: ignore[arg-type]
    members.rows = {key: row for row, key in enumerate(members.digests)}
    for name, values in zip(NUMBERS, columns[3:], strict=True):
        getattr(members, name).add(np.asarray(values))


def _records(number: int, members: Members) -> Iterable[tuple[object, ...]]:
    first, rare = number << _ROW_BITS, members.rare
    texts: list[Sequence[object]] = [members.digests, members.emails, members.merges]
    numbers = [getattr(members, name) for name in NUMBERS]
    for row in sorted(members.touched):
        seldom = json.dumps(rare[row]) if row in rare else ""
        yield (
            first + row,
            *[column[row] for column in texts],
            seldom,
            *[column[row] for column in numbers],
        )
