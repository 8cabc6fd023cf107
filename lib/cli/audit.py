"""``muster audit``: who did what, when, to what."""

import csv
import json
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, say, show
from lib.errors import InputError, StorageError
from lib.formulas import defused
from lib.store import audit
from lib.store.audit import Anchor, Entry

app = typer.Typer(help="Who did what, when, to what.", no_args_is_help=True)
COLUMNS = tuple(field.name for field in fields(Entry))
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])]


@app.command("list")
def list_(
    by: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    noun: Annotated[str, typer.Option(help="Only of this kind, such as connection.")] = "",
    search: Annotated[str, typer.Option(help="Only with this text in it.")] = "",
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(min=1, help="Most entries to list.")] = 100,
    as_json: Json = False,
) -> None:
    """List entries, newest first; moments are UTC."""
    with place.office() as office:
        found = audit.entries(
            office.store,
            office.who,
            by=by,
            noun=noun,
            search=search,
            since=since and since.replace(tzinfo=UTC),
            until=until and until.replace(tzinfo=UTC),
            limit=limit,
        )
    rows = [asdict(entry) for entry in found]
    shown = ("seq", "at", "who", "origin", "verb", "noun", "name", "old", "new")
    show(rows, as_json=as_json, columns=shown)


@app.command()
def verify(
    expect: Annotated[
        str, typer.Option(metavar="SEQ:HASH", help="An earlier head, kept outside.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Recompute every seal; exit status 1 when an entry was changed, removed or put in.

    The seals lie in the same database as the entries: whoever can write it can cut the newest off,
    or seal others. So keep the head that this prints (SEQ:HASH) somewhere else, in a mail to an
    auditor or in the log of another machine, and give it back with --expect later.
    """
    verdict = place.do(audit.verify, _anchor(expect) if expect else None)
    head = f"{verdict.entries}:{verdict.hash}" if verdict.broken_at is None else None
    found = {"ok": verdict.broken_at is None, **asdict(verdict), "head": head}
    show(found, as_json=as_json)
    if verdict.broken_at is not None:
        say(f"The log is not what was written, from entry {verdict.broken_at} on.")
        raise typer.Exit(1)


def _anchor(given: str) -> Anchor:
    seq, colon, sealed = given.strip().partition(":")
    if not (colon and seq.isdecimal() and sealed):
        raise InputError("Give --expect as SEQ:HASH, as muster audit verify printed it.")
    return Anchor(int(seq), sealed.lower())


@app.command()
def download(
    out: Annotated[Path, typer.Option(help="A .csv or .jsonl file.")],
    as_json: Json = False,
) -> None:
    """Write the whole log to a file, oldest first."""
    if out.suffix.lower() not in {".csv", ".jsonl"}:
        raise InputError("Name the file .csv or .jsonl, so that its format is clear.")
    written = 0
    with place.office() as office:
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                sheet = csv.writer(file)
                if out.suffix.lower() == ".csv":
                    sheet.writerow(COLUMNS)
                for entries in audit.stream(office.store, office.who):
                    rows = [asdict(entry) for entry in entries]
                    if out.suffix.lower() == ".csv":
                        sheet.writerows(map(defused, row.values()) for row in rows)
                    else:
                        file.writelines(json.dumps(row, default=str) + "\n" for row in rows)
                    written += len(rows)
        except OSError as error:
            raise StorageError(f"{out} cannot be written: {error.strerror}.") from None
    show({"entries": written, "file": str(out)}, as_json=as_json)
