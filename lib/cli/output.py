"""What the command line says: data on stdout, everything for people on stderr."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lib.cli import grid
from lib.cli.values import plain, words

Json = Annotated[bool, typer.Option("--json", help="Print data as JSON, for programs.")]

# Names and data may look like rich's markup or emoji codes, and are printed as they are.
people = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def say(sentence: str) -> None:
    """Tell a person something; programs reading stdout do not see it."""
    people.print(sentence)


def done(value: Mapping[str, object], sentence: str, *, as_json: bool) -> None:
    """Say what was done; and print what there is now, for programs that ask for it."""
    say(sentence)
    if as_json:
        show(value, as_json=True)


def written(rows: int, file: Path, *, as_json: bool) -> None:
    """Say that all rows went to a file."""
    done({"rows": rows, "file": str(file)}, f"{rows:,} rows written to {file}.", as_json=as_json)


def show(
    value: Mapping[str, object] | Sequence[Mapping[str, object]],
    *,
    as_json: bool,
    columns: Sequence[str] = (),
) -> None:
    """Print records of ours as JSON, or as a table for people.

    Args:
        value: what to print.
        as_json: one JSON document with every key, rather than a table.
        columns: the keys a table shows, in order; all of them when empty.
    """
    if as_json:
        _write_json(value)
    elif isinstance(value, Mapping):
        grid.pairs([(_label(key), words(part)) for key, part in value.items()])
    elif not value:
        say("Nothing yet.")
    else:
        shown = list(columns or value[0])
        numbers = [isinstance(value[0].get(column), int | float) for column in shown]
        rows = ([words(row.get(column)) for column in shown] for row in value)
        grid.table([_label(column) for column in shown], rows, numbers)


def show_data(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool
) -> None:
    """Print rows of the warehouse, names and values as they are there."""
    if as_json:
        _write_json(rows)
        return
    numbers = [any(_is_number(row[column]) for row in rows) for column in columns]
    cells = ([words(row[column], grouped=False) for column in columns] for row in rows)
    grid.table(columns, cells, numbers)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _write_json(value: object) -> None:
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=2)
    sys.stdout.write(text + "\n")


def _label(key: str) -> str:
    return key.replace("_", " ")
