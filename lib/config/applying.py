"""Making an installation what a configuration says: the difference, then the changes."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lib.config import Office, accounts, exports, segments, warehouse
from lib.config.configuration import (
    Configuration,
    ConnectionTable,
    ExportTable,
    SegmentTable,
    SourceTable,
)
from lib.errors import InputError, NotFoundError, RefusedError
from lib.store import connections as kept_connections
from lib.store import exports as kept_exports
from lib.store import segments as kept_segments
from lib.store import sources as kept_sources

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of the file against what there is."""

    noun: str
    name: str
    verb: str
    """add, change or keep."""
    what: tuple[str, ...] = ()
    """What differs."""


def apply(
    office: Office, wanted: Configuration, folder: Path, *, dry_run: bool
) -> tuple[Change, ...]:
    """Carry a configuration out in order: sources, connections, segments, exports.

    Args:
        office: where, and as whom.
        wanted: what there should be.
        folder: what paths in the file are relative to.
        dry_run: only say what would change.

    Returns:
        One change for each thing in the file. Stops at the first error; what was done before it
        stays, and applying the file again goes on from there.

    Raises:
        InputError, RefusedError, MailchimpError: what setting the thing up by hand would raise.
    """
    return tuple(_changes(office, wanted, folder, dry_run))


def _changes(
    office: Office, wanted: Configuration, folder: Path, dry_run: bool
) -> Iterator[Change]:
    for source in wanted.sources:
        yield _settle(_source(office, source, folder), dry_run)
    for connection in wanted.connections:
        yield _settle(_connection(office, connection), dry_run)
    for segment in wanted.segments:
        yield _settle(_segment(office, segment, folder), dry_run)
    for export in wanted.exports:
        yield _settle(_export(office, export), dry_run)


def _held(find: Callable[[], Thing]) -> Thing | None:
    try:
        return find()
    except NotFoundError:
        return None


def _settle(step: tuple[Change, Callable[[], object]], dry_run: bool) -> Change:
    change, do = step
    if not dry_run and change.verb != "keep":
        do()
    return change


def _source(
    office: Office, table: SourceTable, folder: Path
) -> tuple[Change, Callable[[], object]]:
    location = table.location if "://" in table.location else str(folder / table.location)
    held = _held(lambda: kept_sources.get(office.store, office.who, table.name))
    same = held is not None and location in (held.location, held.origin) and held.key == table.key
    verb = "keep" if same else "change" if held else "add"

    def do() -> object:
        return warehouse.add_source(
            office, table.name, location, table.key, replace=held is not None
        )

    return Change("source", table.name, verb, () if same or not held else ("location",)), do


def _connection(office: Office, table: ConnectionTable) -> tuple[Change, Callable[[], object]]:
    held = _held(lambda: kept_connections.get(office.store, office.who, table.name))
    if held is not None:
        what = _differences(
            ("share", held.shared, bool(table.share)), ("api_url", held.api_url, table.api_url)
        )
        return Change("connection", table.name, "change" if what else "keep", what), (
            lambda: kept_connections.edit(
                office.store,
                office.who,
                held.id,
                shared=bool(table.share),
                api_url=table.api_url,
            )
        )
    return Change("connection", table.name, "add"), lambda: _connect(office, table)


def _connect(office: Office, table: ConnectionTable) -> object:
    key = os.environ.get(table.api_key_env, "").strip()
    if not key:
        raise InputError(
            f"The environment variable {table.api_key_env} is empty; put the API key there."
        )
    if not table.i_agree:
        raise RefusedError(
            f"The connection {table.name} sends data out of this installation: say i_agree = true "
            "in the file to agree."
        )
    return accounts.connect_account(
        office, table.name, key, api_url=table.api_url, shared=bool(table.share), agreed=True
    )


def _segment(
    office: Office, table: SegmentTable, folder: Path
) -> tuple[Change, Callable[[], object]]:
    sql, rules = _meaning(table, folder)
    held = _held(lambda: kept_segments.get(office.store, office.who, table.name))
    what = (
        ()
        if held is None
        else _differences(
            ("description", held.description, table.description),
            ("rules", held.rules or "", rules) if rules else ("sql", held.sql, sql),
        )
    )
    verb = "add" if held is None else "change" if what else "keep"

    def do() -> object:
        with warehouse.open_warehouse(office) as opened:
            return segments.save(
                office,
                opened,
                segments.Wording(table.name, sql, rules, table.description),
                ref=held.id if held else "",
            )

    return Change("segment", table.name, verb, what), do


def _meaning(table: SegmentTable, folder: Path) -> tuple[str, str]:
    given = [bool(table.sql), table.sql_file is not None, table.rules_file is not None]
    if sum(given) != 1:
        raise InputError(f"The segment {table.name} needs one of sql, sql_file and rules_file.")
    if table.rules_file is not None:
        return "", _read(folder / table.rules_file)
    return (table.sql or _read(folder / (table.sql_file or ""))).strip(), ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


def _export(office: Office, table: ExportTable) -> tuple[Change, Callable[[], object]]:
    draft = table.draft()
    held = _held(lambda: kept_exports.get(office.store, office.who, table.name))
    what = (
        ()
        if held is None
        else _differences(
            ("connection", held.connection_name, draft.connection),
            ("audience", held.audience_id, draft.audience_id),
            ("matching", held.matching, draft.matching),
            ("options", held.options, draft.options),
            ("segments", _names(office, held.segment_ids), draft.segments),
            ("schedule", held.schedule, draft.schedule),
        )
    )
    verb = "add" if held is None else "change" if what else "keep"

    def do() -> object:
        with warehouse.open_warehouse(office) as opened:
            return exports.save(office, opened, draft, ref=held.id if held else "")

    return Change("export", table.name, verb, what), do


def _names(office: Office, segment_ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kept_segments.get(office.store, office.who, ref).name for ref in segment_ids)


def _differences(*pairs: tuple[str, object, object]) -> tuple[str, ...]:
    return tuple(name for name, held, wanted in pairs if held != wanted)
