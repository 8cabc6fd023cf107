"""Delimited text, such as CSV, into Parquet: its encoding and types guessed, nothing lost."""

import gzip
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from lib.errors import SourceError
from lib.warehouse import guesses
from lib.warehouse.parquet import write_parquet

_ALWAYS_TEXT: Final = re.compile(
    r"phone|mobile|mobil|telefon|^tel\b|^tel_|fax|zip|postal|post_?code|postnummer|plz|iban|"
    r"(^|_)ssn|e-?mail",
    re.IGNORECASE,
)
_ENCODINGS: Final = (("utf-8", ""), ("utf-16", "read as UTF-16"), ("latin-1", "read as Latin-1"))
"""Tried in order; the note says what was assumed when it was not UTF-8."""
_SEPARATOR: Final = frozenset(",;\t|")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_MOMENT: Final = re.compile(r"DATE|TIME")
_MISFIT: Final = re.compile(r"Error when converting column \"(.+?)\"\. ")
_CHUNK: Final = 1 << 20
_UTF8: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_BEYOND_ASCII: Final = bytes(range(0x80, 0x100))


def from_delimited(path: Path, target: Path, more: str = "") -> str:
    """Write the file, or the files of a pattern, to the target, and say what was assumed.

    Args:
        path: of the file, or a pattern; their columns are brought together by name.
        target: the Parquet file.
        more: further options of the scan.

    Raises:
        duckdb.Error: it cannot be read.
        pyarrow.ArrowInvalid: it is no table.
        UnicodeError: it is no text.
    """
    for encoding, note in _ENCODINGS:
        if encoding == "utf-16" and not _has_byte_order_mark(path):
            continue
        try:
            _copy(path, target, f"{more}, encoding = '{encoding}'")
        except duckdb.Error as error:
            if "encoded" not in str(error) and "unicode" not in str(error).lower():
                raise
            if encoding == "utf-8" and _is_mostly_utf8(path):
                raise
            continue
        return note
    with _decoded(path, target.with_suffix(".utf8"), "cp1252") as decoded:
        _copy(decoded, target, more)
    return "read as Windows-1252"


def _is_mostly_utf8(path: Path) -> bool:
    """Say whether a file that is not all UTF-8 is damaged rather than of another encoding."""
    fit = beyond = 0
    for file in guesses.files_of(path):
        with _opened(file, "rb") as source:
            while chunk := source.read(_CHUNK):
                fit += sum(map(len, _UTF8.findall(chunk)))
                beyond += len(chunk) - len(chunk.translate(None, _BEYOND_ASCII))
    return fit > beyond / 2


def _opened(path: Path, mode: str, **more: Any) -> Any:  # noqa: ANN401 - of either kind
    return (gzip.open if path.suffix.lower() == ".gz" else open)(path, mode, **more)


def _has_byte_order_mark(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) in _BYTE_ORDER_MARKS


@contextmanager
def _decoded(path: Path, copy: Path, encoding: str) -> Iterator[Path]:
    """Lend a copy in UTF-8, which DuckDB reads; of a pattern the files must be UTF-8 or Latin-1."""
    if not path.is_file():
        raise pa.ArrowInvalid("files that are not all UTF-8 or Latin-1")
    try:
        with (
            _opened(path, "rt", encoding=encoding, newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            while chunk := source.read(_CHUNK):
                target.write(chunk)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _copy(path: Path, target: Path, more: str) -> None:
    with duckdb.connect(":memory:") as connection:
        options = f"header = true, skip = 0, comment = '', sample_size = -1{more}"
        scan = f"read_csv({guesses.listed(path)}, {options}{_by_name(connection, path, more)}"
        found = guesses.columns(connection, f"{scan})")
        if len(found) == 1 and _SEPARATOR & set(*found):
            raise pa.ArrowInvalid("rows of different lengths")
        texts = [name for name in found if _ALWAYS_TEXT.search(name)]
        unsure = guesses.fractions(found)
        raw = f"{scan}, types = {guesses.typed(guesses.as_texts(unsure))})"
        texts += guesses.ids(connection, raw, unsure)
        try:
            _write(connection, scan, texts, target)
        except duckdb.ConversionException as error:
            misfit = _MISFIT.search(str(error))
            if misfit is None:
                raise
            moments = [name for name, kind in found.items() if _MOMENT.match(kind)]
            _write(connection, scan, [*texts, misfit[1], *moments], target)


def _write(
    connection: duckdb.DuckDBPyConnection, scan: str, texts: Iterable[str], target: Path
) -> None:
    names = list(dict.fromkeys(texts))
    types = f", types = {guesses.typed(guesses.as_texts(names))}" if names else ""
    write_parquet(connection, f"FROM {scan}{types})", target)


def _by_name(connection: duckdb.DuckDBPyConnection, path: Path, more: str) -> str:
    """Return the option that brings columns of several files together, where they differ.

    Raises:
        SourceError: two files have no column in common, as when one has no line of names.
    """
    first: dict[str, str] | None = None
    differ = False
    for file in guesses.files_of(path) if not path.is_file() else ():
        if not file.stat().st_size:
            continue
        scan = f"read_csv({guesses.listed(file)}, header = true, skip = 0, comment = ''{more})"
        found = guesses.columns(connection, scan)
        first = first or found
        if not first.keys() & found.keys():
            raise SourceError(
                f"The file {file.name} has no column of the others; give each a line of names."
            )
        differ = differ or first != found
    return ", union_by_name = true" if differ else ""
