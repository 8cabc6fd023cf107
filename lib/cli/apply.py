"""``muster apply`` and ``muster export-config``: configuration as code."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lib.cli import place
from lib.cli.output import Json, say, show
from lib.config import applying, configuration, describing, writing
from lib.config.comparing import Change
from lib.errors import StorageError

_LONGEST = 60


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the difference.")] = False,
    as_json: Json = False,
) -> None:
    """Make the installation what the file says; what it leaves out is left alone.

    Sources, connections, segments, exports, channels, refresh and retention_days. A mistake in the
    file changes nothing; twice changes nothing the second time. muster export-config writes such
    a file.
    """
    wanted = configuration.read(file)
    with place.office() as office:
        changes = applying.apply(office, wanted, file.resolve().parent, dry_run=dry_run)
    rows = [asdict(change) for change in changes]
    if not as_json:
        rows = [{**row, "what": _told(change)} for row, change in zip(rows, changes, strict=True)]
    show(rows, as_json=as_json)
    changed = sum(change.verb != "keep" for change in changes)
    for change in changes:
        if change.noun == "connection" and change.differs("consent"):
            say(
                f"Nobody agrees that data leave over {change.name}, so exports over it do not run: "
                f"muster connections agree “{change.name}” --i-agree"
            )
    say(f"{changed} {'would change' if dry_run else 'changed'}, {len(changes) - changed} kept.")


def export_config(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.toml", help="Where to; else stdout.")
    ] = None,
) -> None:
    """Write what is configured as a file for muster apply, without any key."""
    with place.office() as office:
        text = writing.write(describing.describe(office))
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise StorageError(f"{out} cannot be written: {error.strerror}.") from None
    say(f"Written to {out}; it names the variables that the keys belong in.")


def _told(change: Change) -> str:
    return "\n".join(
        f"{one.field}: {_shown(one.new)}"
        if change.verb == "add"
        else f"{one.field}: {_shown(one.old)} → {_shown(one.new)}"
        for one in change.what
    )


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    line = " ".join(text.split()) or "–"
    return escape(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…")
