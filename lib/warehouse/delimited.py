"""Delimited text, such as CSV, into Parquet: its encoding and types guessed, nothing lost."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

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
_MISFIT: Final = re.compile(r"Error when converting column \"(.+?)\"\. ")
_CHUNK: Final = 1 << 20


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
            continue
        return note
    with _decoded(path, target.with_suffix(".utf8"), "cp1252") as decoded:
        _copy(decoded, target, more)
    return "read as Windows-1252"


def _has_byte_order_mark(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) in _BYTE_ORDER_MARKS


@contextmanager
def _decoded(path: Path, copy: Path, encoding: str) -> Iterator[Path]:
    """Lend a copy in UTF-8, which DuckDB reads; of a pattern the files must be UTF-8 or Latin-1."""
    opener = gzip.open if path.suffix == ".gz" else open
    if not path.is_file():
        raise pa.ArrowInvalid("files that are not all UTF-8 or Latin-1")
    try:
        with (
            opener(path, "rt", encoding=encoding, newline="") as source,
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
        by_name = "" if path.is_file() else ", union_by_name = true"
        scan = f"read_csv({guesses.listed(path)}, {options}{by_name}"
        found = guesses.columns(connection, f"{scan})")
        if len(found) == 1 and _SEPARATOR & set(*found):
            raise pa.ArrowInvalid("rows of different lengths")
        texts = [name for name in found if _ALWAYS_TEXT.search(name)]
        unsure = guesses.fractions(found)
        raw = f"{scan}, types = {guesses.typed(guesses.as_texts(unsure))})"
        _write(connection, scan, [*texts, *guesses.ids(connection, raw, unsure)], target)


def _write(
    connection: duckdb.DuckDBPyConnection, scan: str, texts: list[str], target: Path
) -> None:
    """Write the scan, and again with one more column as text while its values do not agree."""
    types = f", types = {guesses.typed(guesses.as_texts(texts))}" if texts else ""
    try:
        write_parquet(connection, f"FROM {scan}{types})", target)
    except duckdb.ConversionException as error:
        misfit = _MISFIT.search(str(error))
        if misfit is None or misfit[1] in texts:
            raise
        _write(connection, scan, [*texts, misfit[1]], target)
