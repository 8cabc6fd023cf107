"""What outlives the process: one SQLite file that is written before each reply.

Memory is the truth while the process runs; the file is a copy that is read once, at the start.
With write-ahead logging a commit is with the operating system when it returns, so a process that
is killed loses nothing it has acknowledged. ``synchronous=OFF`` leaves out waiting for the disk
itself: only a failing machine could lose something.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from lib.practice.columns import Interned
from lib.practice.member import Members

_TABLES = """
CREATE TABLE IF NOT EXISTS document (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member (
    list_id TEXT NOT NULL, row INTEGER NOT NULL, digest BLOB NOT NULL, email TEXT NOT NULL,
    merge TEXT NOT NULL, rare TEXT NOT NULL, status INTEGER NOT NULL, reason INTEGER NOT NULL,
    changed INTEGER NOT NULL, opted INTEGER NOT NULL, signed INTEGER NOT NULL,
    tagged INTEGER NOT NULL, shape INTEGER NOT NULL, PRIMARY KEY (list_id, row)
) WITHOUT ROWID;
"""
_NUMBERS = ("status", "reason", "changed", "opted", "signed", "tagged", "shape")


class InUse(Exception):
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

    def members(self, list_id: str, shapes: Interned, taggings: Interned) -> Members:
        """The members of an audience; ``shapes`` and ``taggings`` are what their codes mean."""
        members = Members()
        members.shapes, members.taggings = shapes, taggings
        if self._file is None:
            return members
        names = f"digest, email, merge, {', '.join(_NUMBERS)}"
        where = "FROM member WHERE list_id = ?"
        found = self._file.execute(f"SELECT {names} {where} ORDER BY row", (list_id,))
        _fill(members, list(zip(*found, strict=True)))
        rare = self._file.execute(f"SELECT row, rare {where} AND rare <> ''", (list_id,))
        members.rare = {row: _json(text) for row, text in rare}
        return members

    def keep(self, documents: Mapping[str, str | None], members: Mapping[str, Members]) -> None:
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
            for list_id, changed in members.items():
                file.executemany(_REPLACE, _records(list_id, changed))
                changed.touched.clear()

    def remove(self, document: str, list_id: str) -> None:
        """Remove a document, and the members of an audience."""
        if self._file is not None:
            with self._file as file:
                file.execute("DELETE FROM document WHERE name = ?", (document,))
                file.execute("DELETE FROM member WHERE list_id = ?", (list_id,))

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


_REPLACE = f"REPLACE INTO member VALUES ({', '.join('?' * 13)})"


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
        raise InUse("another practice Mailchimp uses this state directory") from error
    return file


def _json(text: str) -> dict[str, object]:
    return json.loads(text)  # type: ignore[no-any-return]


def _fill(members: Members, columns: list[tuple[object, ...]]) -> None:
    if not columns:
        return
    members.digests = list(columns[0])  # type: ignore[arg-type]
    members.emails = list(columns[1])  # type: ignore[arg-type]
    members.merges = list(columns[2])  # type: ignore[arg-type]
    members.rows = {key: row for row, key in enumerate(members.digests)}
    for name, values in zip(_NUMBERS, columns[3:], strict=True):
        getattr(members, name).extend(np.asarray(values))


def _records(list_id: str, members: Members) -> Iterable[tuple[object, ...]]:
    rare = members.rare
    numbers = [getattr(members, name) for name in _NUMBERS]
    for row in sorted(members.touched):
        yield (
            list_id,
            row,
            members.digests[row],
            members.emails[row],
            members.merges[row],
            json.dumps(rare[row]) if row in rare else "",
            *[column.get(row) for column in numbers],
        )
