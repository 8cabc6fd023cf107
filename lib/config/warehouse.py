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
    return (kept.replace if replace else kept.add)(office.store, office.who, source)


def _check_key(office: Office, source: Source) -> None:
    with open_isolated([source], directory=directory(office.settings)) as alone:
        columns = alone.describe(Sql(f"select * from {ident(source.name)}"))  # noqa: S608 - quoted
    if source.key not in {column.name for column in columns}:
        names = ", ".join(column.name for column in columns)
        raise InputError(f"{source.name} has no column {source.key}; it has {names}.")
