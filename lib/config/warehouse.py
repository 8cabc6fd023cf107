"""The warehouse of an installation, and adding to what it reads."""

import dataclasses
from pathlib import Path

from lib.access import Action, require
from lib.config import Office
from lib.errors import InputError
from lib.runs import opening
from lib.settings import Settings
from lib.sources import Source
from lib.sql import Sql, ident
from lib.store import sources as kept
from lib.warehouse import copies
from lib.warehouse.isolated import IsolatedWarehouse, open_isolated
from lib.warehouse.sources import admit


def directory(settings: Settings) -> Path:
    """Return where converted copies of sources and the spill of queries go."""
    return settings.state / "warehouse"


def sources(office: Office) -> tuple[Source, ...]:
    """Return what the warehouse reads: what was added, or else the sample company."""
    return opening.sources(office.store, office.settings, office.who)


def open_warehouse(office: Office) -> IsolatedWarehouse:
    """Open the warehouse over the sources of this moment; close it, or use it in a ``with``."""
    return open_isolated(
        sources(office),
        directory=directory(office.settings),
        memory=office.settings.query_memory,
        timeout_s=office.settings.query_timeout_s,
        time_zone=office.settings.time_zone,
    )


def add_source(
    office: Office, name: str, location: str, key: str = "", *, replace: bool = False
) -> Source:
    """Read a source once to be sure that it can be read, and keep it.

    Raises:
        ForbiddenError: the role may not change sources.
        InputError: a name that cannot be a table's, or a key that is no column.
        NameTakenError: there is a source of this name.
        SourceError: it cannot be read.
    """
    require(office.who, Action.EDIT_SYSTEM)
    source = dataclasses.replace(admit(name, location, directory(office.settings)), key=key)
    if key:
        _check_key(office, source)
    if not replace:
        return kept.add(office.store, office.who, source)
    old = kept.get(office.store, office.who, name)
    new = kept.replace(office.store, office.who, source)
    if old.location != new.location:
        copies.remove(old, directory(office.settings))
    return new


def remove_source(office: Office, name: str) -> Source:
    """Forget a source and delete its copy; its file stays where it is.

    Raises:
        ForbiddenError: the role may not change sources.
        NotFoundError: no source has the name.
        InUseError: it is the last one, and segments or exports are saved.
        StorageError: the copy cannot be deleted.
    """
    require(office.who, Action.EDIT_SYSTEM)
    old = kept.get(office.store, office.who, name)
    kept.remove(office.store, office.who, name)
    copies.remove(old, directory(office.settings))
    return old


def refresh_source(office: Office, name: str) -> Source:
    """Convert a source anew, changed or not; one that is read in place is so at any time.

    Raises:
        ForbiddenError: the role may not change sources.
        NotFoundError: no source has the name.
        SourceError: it cannot be read; the former copy is used.
        InputError: its file is gone.
    """
    require(office.who, Action.EDIT_SYSTEM)
    source = kept.get(office.store, office.who, name)
    if source.origin:
        path, table = copies.split(source.origin)
        copies.write(source.name, path, table, Path(source.location))
    return source


def _check_key(office: Office, source: Source) -> None:
    with open_isolated([source], directory=directory(office.settings)) as alone:
        columns = alone.describe(Sql(f"select * from {ident(source.name)}"))  # noqa: S608 - quoted
    if source.key not in {column.name for column in columns}:
        names = ", ".join(column.name for column in columns)
        raise InputError(f"{source.name} has no column {source.key}; it has {names}.")
