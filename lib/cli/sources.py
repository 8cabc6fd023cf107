"""``muster sources``: what the warehouse reads."""

from dataclasses import asdict
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, done, say, show
from lib.config import warehouse
from lib.warehouse import copies

app = typer.Typer(help="What the warehouse reads.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of its table in SQL.")]


@app.command()
def add(
    name: Name,
    location: Annotated[str, typer.Argument(metavar="PATH|URL", help="File, folder or URL.")],
    key: Annotated[
        str, typer.Option(help="Column that tells profiles apart, if this is their table.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Read a file (Parquet, CSV, JSON lines, Arrow, SQLite) as a table from now on."""
    with place.office() as office:
        source = warehouse.add_source(office, name, location, key)
    note = copies.note(source)
    show({**asdict(source), "note": note or None}, as_json=as_json)
    if note:
        say(f"{name} is no UTF-8 and was {note}: look whether its letters are right.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the tables of the warehouse with their rows."""
    with place.office() as office, place.warehouse(office) as opened:
        kept = {source.name: source for source in warehouse.sources(office)}
        rows = [
            {
                "name": table.name,
                "rows": table.rows,
                "columns": len(table.columns),
                "location": kept[table.name].origin or kept[table.name].location,
                "key": kept[table.name].key,
                "trouble": copies.trouble(kept[table.name]) or None,
                "note": copies.note(kept[table.name]) or None,
            }
            for table in opened.tables()
        ]
        rows += [
            {
                "name": name,
                "rows": None,
                "columns": None,
                "location": kept[name].origin or kept[name].location,
                "key": kept[name].key,
                "trouble": why,
                "note": None,
            }
            for name, why in opened.broken().items()
        ]
    told = ("trouble",) if any(row["trouble"] for row in rows) else ()
    show(rows, as_json=as_json, columns=("name", "rows", "columns", "key", "location", *told))
    for row in rows:
        if row.get("trouble"):
            say(f"{row['name']}: {row['trouble']}")


@app.command()
def refresh(name: Name, as_json: Json = False) -> None:
    """Read a source's file again now; a file that changed is read again by itself as well."""
    with place.office() as office:
        source = warehouse.refresh_source(office, name)
    how = "was read again" if source.origin else "is read in place, so always as it is"
    done(asdict(source), f"{name} {how}.", as_json=as_json)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Stop reading a source; its file stays, a copy that was made of it goes.

    The last one stays as long as segments or exports are saved.
    """
    with place.office() as office:
        warehouse.remove_source(office, name)
    gone = {"name": name, "removed": True}
    done(gone, f"{name} is no longer read; its file was left alone.", as_json=as_json)
