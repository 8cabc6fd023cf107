"""Files of other kinds into one Parquet file, with types guessed so that nothing is lost.

What starts with a zero or a plus, and what is named like a phone or postal code, stays text; so do
ids that are no whole numbers of 38 digits, and values of a column that do not agree.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.errors import InputError, SourceError
from lib.sql import ident
from lib.warehouse import guesses
from lib.warehouse.database import convert_database, is_database
from lib.warehouse.delimited import from_delimited
from lib.warehouse.parquet import write_parquet

_ROW_GROUP: Final = 100_000


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
    kind = KINDS.get(suffix(path))
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


def suffix(path: Path) -> str:
    """Return how the name of a file or pattern ends, in small letters, without a compression."""
    bare = path.with_suffix("") if path.suffix.lower() in (".gz", ".zst") else path
    return bare.suffix.lower()


def require_there(path: Path) -> None:
    """Let pass a path or pattern of files that are there.

    Raises:
        InputError: there are none.
    """
    if not guesses.files_of(path):
        raise InputError(f"There is no file {path}; check the path.")


def _sentence(name: str, error: Exception) -> str:
    line = re.search(r"Line:? (\d+)", str(error))
    where = f" (line {line[1]})" if line else ""
    return f"The source {name} cannot be read{where}: the file is damaged or of another kind."


def _from_csv(path: Path, target: Path) -> Converted:
    return Converted(from_delimited(path, target))


def _from_tsv(path: Path, target: Path) -> Converted:
    return Converted(from_delimited(path, target, ", delim = '\t'"))


def _from_json(path: Path, target: Path) -> Converted:
    with duckdb.connect(":memory:") as connection:
        files = guesses.listed(path)
        scan = f"read_json({files}, {_ALL_OF_THEM})"
        found = guesses.columns(connection, scan)
        if mended := _mended(connection, files, found):
            found |= mended
            scan = f"read_json({files}, columns = {guesses.typed(found)})"
        write_parquet(connection, f"{_without_quotes(found)} FROM {scan}", target)
    return Converted()


def _mended(
    connection: duckdb.DuckDBPyConnection, files: str, found: Mapping[str, str]
) -> dict[str, str]:
    """Return columns that have to be read as texts: long ids, and then days not written by ISO.

    Types are given for all columns or none, and then DuckDB reads days by ISO only. Keys that
    differ by case only it renames, so that they could not be named again: they stay as guessed.
    """
    if any(_is_renamed(name, found) for name in found):
        return {}
    unsure = guesses.fractions(found)
    ids = guesses.ids(connection, _raw(files, unsure), unsure)
    if not ids:
        return {}
    moments = [name for name, kind in found.items() if _MOMENT.search(kind)]
    as_written = guesses.iso(connection, _raw(files, moments), moments)
    return guesses.as_texts([*ids, *(name for name, iso in as_written.items() if not iso)])


def _is_renamed(name: str, found: Mapping[str, str]) -> bool:
    key = re.sub(r"_\d+$", "", name)
    return any(other != key and other.casefold() == key.casefold() for other in found)


def _raw(files: str, names: Sequence[str]) -> str:
    return f"read_json({files}, columns = {guesses.typed(guesses.as_texts(names))})"


_MOMENT: Final = re.compile(r"\b(DATE|TIME|TIMESTAMP)")
_ALL_OF_THEM: Final = "sample_size = -1, maximum_sample_files = -1, union_by_name = true"


def _without_quotes(found: Mapping[str, str]) -> str:
    """Return the SELECT; where texts stand beside numbers, DuckDB has JSON with its quotes."""
    mixed = [ident(name) for name, kind in found.items() if kind == "JSON"]
    plain = ", ".join(f"{name}->>'$' AS {name}" for name in mixed)
    return f"SELECT * REPLACE ({plain})" if plain else "SELECT *"


def _from_arrow(path: Path, target: Path) -> Converted:
    writer: pq.ParquetWriter | None = None
    with ExitStack() as stack:
        for one in guesses.files_of(path):
            batches = _arrow_batches(stack.enter_context(pa.OSFile(str(one))))
            writer = writer or stack.enter_context(
                pq.ParquetWriter(target, batches.schema, compression="zstd")
            )
            if not writer.schema.equals(batches.schema):
                raise pa.ArrowInvalid("files of different columns")
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
