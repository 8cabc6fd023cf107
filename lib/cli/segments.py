"""``muster segments``: saved sets of profiles."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, done, say, show
from lib.cli.query import show_preview
from lib.config import Office
from lib.config import segments as config_segments
from lib.errors import InputError, MusterError
from lib.sql import Sql
from lib.store import counts, segments
from lib.store.segments import Segment

app = typer.Typer(help="Saved sets of profiles.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the segment.")]
Query = typer.Option(metavar="FILE|-|SQL", help="A SELECT: a file, - for stdin, or its text.")
Rules = typer.Option(
    metavar="FILE.json", help="Rules, instead of SQL; docs/segment-rules.md shows them."
)
Description = typer.Option(help="What it is for.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name; also its tag.")],
    sql: Annotated[str, Query] = "",
    rules: Annotated[Path | None, Rules] = None,
    description: Annotated[str, Description] = "",
    as_json: Json = False,
) -> None:
    """Save a segment; the query is tried before it is saved."""
    if bool(sql) == (rules is not None):
        raise InputError("Give either --sql or --rules.")
    with place.office() as office, place.warehouse(office) as warehouse:
        wording = config_segments.Wording(
            name,
            sql=_sql(sql) if sql else "",
            rules=_read(rules) if rules else "",
            description=description,
        )
        kept = config_segments.save(office, warehouse, wording)
        size = config_segments.count(office, warehouse, kept)
    _show({**_record(kept), "count": size}, as_json=as_json)


@app.command()
def edit(
    name: Name,
    sql: Annotated[str, Query] = "",
    rules: Annotated[Path | None, Rules] = None,
    description: Annotated[str | None, Description] = None,
    as_json: Json = False,
) -> None:
    """Change what is given and keep the rest; the query is tried before it is saved."""
    if sql and rules is not None:
        raise InputError("Give either --sql or --rules.")
    with place.office() as office, place.warehouse(office) as warehouse:
        old = segments.get(office.store, office.who, name)
        given = bool(sql) or rules is not None
        wording = config_segments.Wording(
            old.name,
            sql=_sql(sql) if sql else old.sql,
            rules=_read(rules) if rules else "" if given else old.rules or "",
            description=old.description if description is None else description,
        )
        kept = config_segments.save(office, warehouse, wording, ref=old.id)
        size = config_segments.count(office, warehouse, kept)
    _show({**_record(kept), "count": size}, as_json=as_json)


def _sql(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    # A query is hardly ever the name of a file, and a file hardly ever has spaces and a SELECT.
    is_text = any(mark in given for mark in ("\n", " ", "\t")) and not Path(given).is_file()
    return given if is_text else _read(Path(given))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8.") from None


@app.command("list")
def list_(
    count: Annotated[bool, typer.Option(help="Count members anew.")] = False,
    as_json: Json = False,
) -> None:
    """List the segments with their newest member counts."""
    with place.office() as office:
        kept = segments.all(office.store, office.who)
        broken = _count_anew(office, kept) if count and kept else {}
        known = counts.newest(office.store, office.who)
    rows = [
        {
            **_record(segment),
            "count": known[segment.id].count if segment.id in known else None,
            "counted_at": known[segment.id].at if segment.id in known else None,
            "used_by": list(segment.used_by),
            "trouble": str(broken[segment.id]) if segment.id in broken else None,
        }
        for segment in kept
    ]
    show(rows, as_json=as_json, columns=("name", "count", "counted_at", "used_by"))
    for error in broken.values():
        say(str(error))
    if broken:
        raise typer.Exit(max(error.exit_status for error in broken.values()))


def _count_anew(office: Office, kept: Sequence[Segment]) -> dict[str, MusterError]:
    """Count each segment by itself, and return the errors of those that do not work, by id."""
    broken: dict[str, MusterError] = {}
    with place.warehouse(office) as warehouse:
        for segment in kept:
            try:
                config_segments.count(office, warehouse, segment)
            except MusterError as error:
                broken[segment.id] = error
    return broken


@app.command("show")
def show_(name: Name, as_json: Json = False) -> None:
    """Print one segment, with its query and the rules that it was made from."""
    with place.office() as office:
        kept = segments.get(office.store, office.who, name)
        known = counts.newest(office.store, office.who).get(kept.id)
    record = _record(kept) | {"used_by": list(kept.used_by)}
    record |= {"count": known.count if known else None, "counted_at": known.at if known else None}
    _show(record, as_json=as_json)


def _show(record: dict[str, object], *, as_json: bool) -> None:
    """Print one segment; for people its rules are written as they can be given to ``--rules``."""
    rules = record["rules"]
    told = {"rules": json.dumps(rules, ensure_ascii=False, indent=1)} if rules else {}
    shown = {key: value for key, value in record.items() if key != "rules"} | told
    show(record if as_json else shown, as_json=as_json)


def _record(segment: Segment) -> dict[str, object]:
    return {
        "id": segment.id,
        "name": segment.name,
        "description": segment.description,
        "kind": "rules" if segment.rules else "sql",
        "sql": segment.sql,
        "rules": json.loads(segment.rules) if segment.rules else None,
        "changed_at": segment.changed_at,
    }


@app.command()
def count(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="One or several.")],
    as_json: Json = False,
) -> None:
    """Count distinct profiles, of each segment and of all together, against the limit."""
    with place.office() as office, place.warehouse(office) as warehouse:
        kept = [segments.get(office.store, office.who, name) for name in names]
        sizes = config_segments.measure(warehouse, config_segments.queries(warehouse, kept))
        for segment, size in zip(kept, sizes.each, strict=True):
            counts.record(office.store, office.who, segment.id, size, warehouse.version())
        limit = office.settings.export_limit
    each = {segment.name: size for segment, size in zip(kept, sizes.each, strict=True)}
    over = max(0, sizes.together - limit)
    found = {"segments": each, "count": sizes.together, "limit": limit, "over_limit": over}
    show(found, as_json=as_json)
    if over:
        say(f"That is {over:,} more than one export may hold ({limit:,}).")


@app.command()
def preview(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = 20,
    as_json: Json = False,
) -> None:
    """Print the first rows of a segment."""
    with place.office() as office, place.warehouse(office) as warehouse:
        kept = segments.get(office.store, office.who, name)
        show_preview(warehouse, Sql(kept.sql), limit, as_json=as_json)


@app.command()
def rename(
    name: Name, to: Annotated[str, typer.Argument(metavar="NEW")], as_json: Json = False
) -> None:
    """Give a segment another name."""
    kept = place.do(segments.rename, name, to)
    done(_record(kept), f"{name} is now called {to}.", as_json=as_json)


@app.command()
def duplicate(
    name: Name, to: Annotated[str, typer.Argument(metavar="NEW")], as_json: Json = False
) -> None:
    """Make a copy under another name."""
    made = place.do(segments.duplicate, name, to)
    done(_record(made), f"{to} is a copy of {name}.", as_json=as_json)


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Remove a segment; refused while an export uses it."""
    place.do(segments.remove, name)
    done({"name": name, "removed": True}, f"{name} was removed.", as_json=as_json)
