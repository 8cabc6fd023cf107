"""Files of other kinds into one Parquet file, with types guessed so that nothing is lost.

What starts with a zero or a plus, and what is named like a phone or postal code, stays text; so do
ids that are no whole numbers of 38 digits.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.errors import InputError, SourceError
from lib.sql import ident, text
from lib.warehouse.database import convert_database, is_database
from lib.warehouse.parquet import write_parquet

_ALWAYS_TEXT: Final = re.compile(
    r"phone|mobile|mobil|telefon|^tel\b|^tel_|fax|zip|postal|post_?code|postnummer|plz|iban|"
    r"(^|_)ssn|e-?mail",
    re.IGNORECASE,
)
_ENCODINGS: Final = (("utf-8", ""), ("utf-16", "read as UTF-16"), ("latin-1", "read as Latin-1"))
"""Tried in order; the note says what was assumed when it was not UTF-8."""

_ID: Final = r"[-+]?\d{16,}|\d+[eE]\d+"
"""Whole numbers of which a fraction would not keep every digit, and codes such as 12E34."""
_SEPARATOR: Final = frozenset(",;\t|")
_ROW_GROUP: Final = 100_000
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Converted:
    """What people should know about a conversion."""

    note: str = ""


def convert(name: str, path: Path, table: str, target: Path) -> Converted:
    """Write what is at the path to the target as Parquet.

    Raises:
        InputError: nothing is there, or it is of no kind Muster reads.
        SourceError: it is there, but cannot be read as its kind.
        OSError: the target cannot be written.
    """
    if is_database(path):
        convert_database(name, path, table, target)
        return Converted()
    require_there(path)
    kind = KINDS.get(_suffix(path))
    if kind is None:
        raise InputError(
            f"{path.name} is of no kind that can be read: give Parquet, CSV, TSV, JSON lines, "
            "Arrow, or a table of an SQLite file as PATH#table."
        )
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"The file {path.name} is empty; give one with rows.")
    try:
        return kind(path, target)
    except (duckdb.Error, pa.ArrowException, UnicodeError) as error:
        raise SourceError(_sentence(name, error)) from None


def _suffix(path: Path) -> str:
    bare = path.with_suffix("") if path.suffix.lower() in (".gz", ".zst") else path
    return bare.suffix.lower()


def require_there(path: Path) -> None:
    """Let pass a path or pattern of files that are there.

    Raises:
        InputError: there are none.
    """
    if not (path.is_file() or any(path.parent.glob(path.name))):
        raise InputError(f"There is no file {path}; check the path.")


def _sentence(name: str, error: Exception) -> str:
    line = re.search(r"Line:? (\d+)", str(error))
    where = f" (line {line[1]})" if line else ""
    return f"The source {name} cannot be read{where}: the file is damaged or of another kind."


def _from_csv(path: Path, target: Path) -> Converted:
    return _from_delimited(path, target, "")


def _from_tsv(path: Path, target: Path) -> Converted:
    return _from_delimited(path, target, ", delim = '\t'")


def _from_delimited(path: Path, target: Path, more: str) -> Converted:
    failure: Exception | None = None
    for encoding, note in _ENCODINGS:
        if encoding == "utf-16" and not _has_byte_order_mark(path):
            continue
        options = f"header = true, skip = 0, comment = '', sample_size = -1{more}"
        options += f", encoding = '{encoding}'"
        try:
            _copy_delimited(path, target, options)
        except duckdb.Error as error:
            failure = failure or error
            if "encoded" not in str(error) and "unicode" not in str(error).lower():
                break
            continue
        return Converted(note)
    raise failure or SourceError("The file cannot be read.")


def _has_byte_order_mark(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) in _BYTE_ORDER_MARKS


def _copy_delimited(path: Path, target: Path, options: str) -> None:
    with duckdb.connect(":memory:") as connection:
        scan = f"read_csv({text(str(path))}, {options}"
        found = _columns(connection, f"{scan})")
        if len(found) == 1 and _SEPARATOR & set(*found):
            raise pa.ArrowInvalid("rows of different lengths")
        texts = [name for name in found if _ALWAYS_TEXT.search(name)]
        fractions = [name for name, kind in found.items() if kind == "DOUBLE"]
        raw = f"{scan}, types = {_types(dict.fromkeys(fractions, 'VARCHAR'))})"
        texts += _ids(connection, raw, fractions)
        if texts:
            scan += f", types = {_types(dict.fromkeys(texts, 'VARCHAR'))}"
        write_parquet(connection, f"FROM {scan})", target)


def _from_json(path: Path, target: Path) -> Converted:
    with duckdb.connect(":memory:") as connection:
        scan = f"read_json({text(str(path))}, sample_size = -1"
        found = _columns(connection, f"{scan})")
        fractions = [name for name, kind in found.items() if kind == "DOUBLE"]
        raw = f"{scan}, columns = {_types(dict.fromkeys(fractions, 'VARCHAR'))})"
        if ids := _ids(connection, raw, fractions):
            scan += f", columns = {_types(found | dict.fromkeys(ids, 'VARCHAR'))}"
        write_parquet(connection, f"FROM {scan})", target)
    return Converted()


def _columns(connection: duckdb.DuckDBPyConnection, scan: str) -> dict[str, str]:
    found = connection.execute(f"DESCRIBE FROM {scan}").fetchall()
    return {str(name): str(kind) for name, kind, *_ in found}


def _types(kinds: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{text(name)}: {text(kind)}" for name, kind in kinds.items()) + "}"


def _ids(connection: duckdb.DuckDBPyConnection, raw: str, fractions: Sequence[str]) -> list[str]:
    """Return the columns guessed to be fractions that hold ids, told by their raw texts.

    It takes another pass over the file, when there are such columns at all.
    """
    if not fractions:
        return []
    held = ", ".join(
        f"coalesce(bool_or(regexp_full_match(trim({ident(name)}), {text(_ID)})), false)"
        for name in fractions
    )
    (told,) = connection.execute(f"SELECT {held} FROM {raw}").fetchall()  # noqa: S608
    return [name for name, is_id in zip(fractions, told, strict=True) if is_id]


def _from_arrow(path: Path, target: Path) -> Converted:
    with pa.OSFile(str(path)) as file:
        batches = _arrow_batches(file)
        with pq.ParquetWriter(target, batches.schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch, row_group_size=_ROW_GROUP)
    return Converted()


def _arrow_batches(file: pa.NativeFile) -> pa.RecordBatchReader:
    """Read Arrow's file format (Feather 2) as well as its stream."""
    try:
        whole = pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        return pa.ipc.open_stream(file)
    batches = (whole.get_batch(n) for n in range(whole.num_record_batches))
    return pa.RecordBatchReader.from_batches(whole.schema, batches)


KINDS: Final[dict[str, Callable[[Path, Path], Converted]]] = {
    ".csv": _from_csv,
    ".txt": _from_csv,
    ".tsv": _from_tsv,
    ".tab": _from_tsv,
    ".jsonl": _from_json,
    ".ndjson": _from_json,
    ".json": _from_json,
    ".arrow": _from_arrow,
    ".feather": _from_arrow,
    ".ipc": _from_arrow,
}
"""What reads a file, by how its name ends (without ``.gz`` or ``.zst``)."""
