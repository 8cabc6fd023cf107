"""What the command line says: data on stdout, everything for people on stderr."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print data as JSON, for programs.")]

people = Console(stderr=True, highlight=False, soft_wrap=True)
data = Console(highlight=False, soft_wrap=True)


def say(sentence: str) -> None:
    """Tell a person something; programs reading stdout do not see it."""
    people.print(sentence, markup=False)


def done(value: Mapping[str, object], sentence: str, *, as_json: bool) -> None:
    """Say what was done; and print what there is now, for programs that ask for it."""
    say(sentence)
    if as_json:
        show(value, as_json=True)


def show(
    value: Mapping[str, object] | Sequence[Mapping[str, object]],
    *,
    as_json: bool,
    columns: Sequence[str] = (),
) -> None:
    """Print a mapping or a list of mappings as JSON, or as a table for people.

    Args:
        value: what to print.
        as_json: one JSON document with every key, rather than a table.
        columns: the keys a table shows, in order; all of them when empty.
    """
    if as_json:
        sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")
    elif isinstance(value, Mapping):
        _print_pairs(value)
    else:
        _print_rows(value, columns)


def _print_pairs(record: Mapping[str, object]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for key, value in record.items():
        table.add_row(key.replace("_", " "), _words(value))
    data.print(table)


def _print_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    if not rows:
        say("Nothing yet.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    shown = list(columns or rows[0])
    for column in shown:
        is_number = isinstance(rows[0].get(column), int | float | Decimal)
        table.add_column(column.replace("_", " "), justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(_words(row.get(column)) for column in shown))
    data.print(table)


def _words(value: object) -> str:
    match value:
        case None:
            words = "–"
        case bool():
            words = "yes" if value else "no"
        case int():
            words = f"{value:,}"
        case datetime():
            words = value.strftime("%Y-%m-%d %H:%M:%S")
        case dict():
            words = ", ".join(
                f"{key} ({_words(part)})" if isinstance(part, dict) else f"{key} {_words(part)}"
                for key, part in value.items()
            )
        case list() | tuple():
            words = ", ".join(_words(part) for part in value)
        case _:
            words = str(value)
    return words


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)
