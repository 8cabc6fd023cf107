"""What a file says, in the words of an installation: files read, paths whole, names as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.config.configuration import (
    Configuration,
    ExportTable,
    SegmentTable,
    SourceTable,
    Table,
)
from lib.errors import InputError, NotFoundError
from lib.segments.document import from_json, to_json
from lib.sql.gate import check_select
from lib.store import names


@dataclass(frozen=True, slots=True)
class Known:
    """Names of what there is or will be, by the form in which names are the same."""

    connections: Mapping[str, str]
    segments: Mapping[str, str]


def known(held: Configuration, wanted: Configuration) -> Known:
    """Collect the names that an export of the file may refer to, wherever they stand in it."""
    return Known(
        _names((*wanted.connections, *held.connections)),
        _names((*wanted.segments, *held.segments)),
    )


def located(table: SourceTable, folder: Path) -> SourceTable:
    """Make the path of a source whole."""
    place = table.location.strip().removeprefix("sqlite:///")
    if "://" not in place and place:
        place = str(folder / Path(place).expanduser())
    return table.model_copy(update={"location": place})


def resolved(table: SegmentTable, folder: Path) -> SegmentTable:
    """Read the file that a segment names; what it does not give stays out.

    Raises:
        InputError: it gives several of the four, or the file cannot be read.
        SqlError: that is not one SELECT.
        RuleError: the rules are malformed.
    """
    ways = ("sql", "sql_file", "rules", "rules_file")
    given = [way for way in ways if getattr(table, way)]
    if not given:
        return table
    if len(given) > 1:
        raise InputError(f"give only one of {' and '.join(given)}.")
    way = given[0]
    text = getattr(table, way)
    if way.endswith("_file"):
        text = _read(folder / text)
    # In the one spelling in which they are kept, so that the same meaning reads the same.
    if way.startswith("rules"):
        meant = {"sql": "", "rules": to_json(from_json(text))}
    else:
        meant = {"sql": check_select(text), "rules": ""}
    return table.model_copy(update={**meant, "sql_file": None, "rules_file": None})


def canonical(table: ExportTable, known: Known) -> ExportTable:
    """Refer to connection and segments by the names they have.

    Raises:
        NotFoundError: one of them is neither there nor in the file.
    """
    return table.model_copy(
        update={
            "connection": table.connection
            and _named("connection", table.connection, known.connections),
            "segments": tuple(_named("segment", one, known.segments) for one in table.segments),
        }
    )


def _names(tables: Sequence[Table]) -> Mapping[str, str]:
    return {names.key(one.name): one.name for one in tables}


def _named(noun: str, ref: str, known: Mapping[str, str]) -> str:
    found = known.get(names.key(ref))
    if found is None:
        raise NotFoundError(f"there is no {noun} “{ref}”, neither here nor in the file.")
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read.") from None
