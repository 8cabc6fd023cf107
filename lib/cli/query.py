"""``muster query``: one read-only SELECT against the warehouse."""

import time
from pathlib import Path
from typing import Annotated

import typer

from lib.access import Action, require
from lib.cli import place
from lib.cli.output import Json, say, show_data, written
from lib.errors import InputError, MusterError
from lib.sql import Sql
from lib.store import history
from lib.warehouse import Warehouse
from lib.warehouse.download import Format, download
from lib.warehouse.texts import MOMENTS, ODD, with_texts

FORMATS: dict[str, Format] = {".csv": "csv", ".parquet": "parquet"}


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT.")],
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = 100,
    out: Annotated[
        Path | None, typer.Option(help="Write all rows to this .csv or .parquet file instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the warehouse; prints the first rows, or writes all of them to a file."""
    form = form_of(out)
    with place.office() as office, place.warehouse(office) as warehouse:
        require(office.who, Action.QUERY)
        started = time.monotonic()
        try:
            if out is not None and form is not None:
                rows = download(warehouse, Sql(sql), out, form)
                written(rows, out, as_json=as_json)
            else:
                rows = show_preview(warehouse, Sql(sql), limit, as_json=as_json)
        except MusterError as error:
            took = (time.monotonic() - started) * 1000
            history.record(office.store, office.who, sql, ms=took, error=str(error))
            raise
        took = (time.monotonic() - started) * 1000
        history.record(office.store, office.who, sql, ms=took, rows=rows)


def form_of(out: Path | None) -> Format | None:
    """Return the format that the name of a file to write stands for; None without a file.

    Raises:
        InputError: it stands for none.
    """
    if out is None:
        return None
    if out.suffix.lower() not in FORMATS:
        raise InputError("Name the file .csv or .parquet, so that its format is clear.")
    return FORMATS[out.suffix.lower()]


def show_preview(warehouse: Warehouse, query: Sql, limit: int, *, as_json: bool) -> int:
    """Print the first rows of a query, and return how many there are in all."""
    found = warehouse.preview(with_texts(warehouse, query, ODD), limit)
    try:
        rows = found.rows.to_pylist()
    except (OverflowError, ValueError):
        # Python counts years from 1 to 9999 only.
        found = warehouse.preview(with_texts(warehouse, query, MOMENTS), limit)
        rows = found.rows.to_pylist()
    show_data(rows, found.rows.column_names, as_json=as_json)
    say(f"{found.rows.num_rows:,} of {found.total:,} rows.")
    return found.total
