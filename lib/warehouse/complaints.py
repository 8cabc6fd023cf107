"""DuckDB's errors in one clear sentence: its hint kept, paths and people's data left out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa

from lib.errors import (
    CancelledError,
    MemoryLimitError,
    MusterError,
    SourceError,
    SqlError,
    StorageError,
    TimeLimitError,
)
from lib.warehouse.sandbox import Opened

_PREFIX: Final = re.compile(r"^(?:[A-Z][\w ]* (?:Error|Exception): )+", re.IGNORECASE)
_LINE: Final = re.compile(r"\n+LINE (\d+):.*", re.DOTALL)
_PATH: Final = re.compile(r"[\"']?(?:file:)?(?<![\w.])/[\w.@~-]+(?:/[^\s\"',;)]*)+[\"']?")
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")
_NO_TABLE: Final = re.compile(r"Table with name \"?(.+?)\"? does not exist")
_NO_COLUMN: Final = re.compile(
    r"(?:Referenced column \"(.+?)\" not found|does not have a column named \"(.+?)\")"
)
_CANDIDATES: Final = re.compile(r"Candidate bindings: (.+)")

TIME_LIMIT: Final = (
    "The query was stopped after {:g} seconds: narrow it, or have the time limit raised."
)
"""To be filled with the limit in seconds."""


@contextmanager
def translated(opened: Opened, limit_s: float, query: str) -> Iterator[None]:
    """Turn what the engine raises inside the block into Muster's errors.

    Args:
        opened: the sandbox the query runs in: its tables and broken sources are named.
        limit_s: the time limit, named when it was reached.
        query: the analyst's text; values that stand in it may be repeated, data may not.
    """
    try:
        yield
    except MusterError:
        raise
    except (duckdb.Error, pa.ArrowException, OSError, RuntimeError) as error:
        raise _complaint(str(error), opened, limit_s, query) from None


def _complaint(message: str, opened: Opened, limit_s: float, query: str) -> MusterError:
    if "maximum execution time" in message:
        return TimeLimitError(TIME_LIMIT.format(limit_s))
    for kind, sign, sentence in _SIGNS:
        if sign.search(message):
            return kind(sentence)
    return _about_files(message, opened) or _about_names(message, opened, query)


_SIGNS: Final[tuple[tuple[type[MusterError], re.Pattern[str], str], ...]] = (
    (CancelledError, re.compile("INTERRUPT"), "The query was cancelled."),
    (
        StorageError,
        re.compile("No space left"),
        "The disk is full: free some space, then run the query again.",
    ),
    (
        MemoryLimitError,
        re.compile("Out of Memory|max_temp_directory_size|bad_alloc"),
        "The query needs more memory than it may use: narrow it, or sum up before joining.",
    ),
    (
        SqlError,
        re.compile("^(FATAL|INTERNAL)"),
        "The engine gave up on this query, by a fault of its own; write it in another way.",
    ),
    (
        SqlError,
        re.compile("file system operations are disabled"),
        "A query cannot reach files; it reads the warehouse's tables only.",
    ),
)


def _about_files(message: str, opened: Opened) -> MusterError | None:
    broken_io = re.search(
        r"IO Error|No files found|Cannot open file|Invalid Input Error.*parquet"
        r"|No magic bytes|Could not read enough bytes",
        message,
    )
    if not broken_io:
        return None
    for name, files in opened.files.items():
        if any(str(path) in message for path in files):
            return SourceError(
                f"The source {name} cannot be read any more: put its files back, or remove it."
            )
    return None


def _about_names(message: str, opened: Opened, query: str) -> MusterError:
    if missing := _NO_TABLE.search(message):
        name = missing[1].split(".")[-1].strip('"')
        if name.lower() in opened.broken:
            return SourceError(opened.broken[name.lower()])
        return SqlError(f"There is no table {name}; {_tables_sentence(opened)}")
    if column := _NO_COLUMN.search(message):
        return SqlError(_column_sentence(column[1] or column[2], message))
    return SqlError(_plain_sentence(message, query))


def _tables_sentence(opened: Opened) -> str:
    names = [table.name for table in opened.tables]
    if not names:
        return "the warehouse has no tables yet, so add a source first."
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"the tables are {shown}."


def _column_sentence(name: str, message: str) -> str:
    near = _CANDIDATES.search(message)
    hint = ", ".join(near[1].replace('"', "").split(", ")[:3]).strip() if near else ""
    place = _LINE.search(message)
    where = f" (line {place[1]})" if place else ""
    return f"There is no column {name} here{where}" + (
        f"; did you mean {hint}?" if hint else "; look the columns up on the left."
    )


def _plain_sentence(message: str, query: str) -> str:
    place = _LINE.search(message)
    body = _PREFIX.sub("", _LINE.sub("", message))
    body = body.split("Candidate functions")[0].split("Candidate Entries")[0]
    body = _PATH.sub("a file", " ".join(body.split()))
    if not body.startswith("No function"):
        body = _QUOTED.sub(lambda found: found[0] if found[1] in query else "'…'", body)
    body = body.strip().rstrip(".:")[:400] or "The engine gave no reason"
    return f"{body}{f' (line {place[1]})' if place else ''}."
