"""``muster apply``: configuration as code."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lib.cli import place
from lib.cli.output import Json, say, show
from lib.config import applying, configuration


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the difference.")] = False,
    as_json: Json = False,
) -> None:
    """Make sources, connections, segments and exports what the file says; twice changes nothing."""
    wanted = configuration.read(file)
    with place.office() as office:
        changes = applying.apply(office, wanted, file.resolve().parent, dry_run=dry_run)
    show([asdict(change) for change in changes], as_json=as_json)
    changed = sum(change.verb != "keep" for change in changes)
    say(f"{changed} {'would change' if dry_run else 'changed'}, {len(changes) - changed} kept.")
