"""Tables on stdout: aligned and never cut; wider than the terminal, a block of lines a row."""

import sys
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP = "  "
# What would break a line, or give the terminal orders, is shown by its escape.
_VISIBLE = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160))}


def table(names: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[bool]) -> None:
    """Print rows under their names.

    Args:
        names: of the columns.
        rows: a text for each column.
        numbers: which columns hold numbers, and stand to the right.
    """
    names = _clean(names)
    cells = [_clean(row) for row in rows]
    widths = [max(cell_len(text) for text in column) for column in zip(names, *cells, strict=True)]
    console = Console()
    if console.is_terminal and sum(widths) + len(_GAP) * (len(widths) - 1) > console.width:
        _blocks(names, cells)
        return
    _heading(console, _line(names, widths, numbers))
    sys.stdout.writelines(_line(row, widths, numbers) + "\n" for row in cells)


def pairs(given: Sequence[tuple[str, str]]) -> None:
    """Print what belongs together: a name and its value, with its further lines below it."""
    _block(
        [
            (_clean([name])[0] if first else "", line)
            for name, value in given
            for first, line in _lines(value)
        ]
    )


def _lines(text: str) -> Iterator[tuple[bool, str]]:
    lines = _clean(text.split("\n"))
    return ((number == 0, line) for number, line in enumerate(lines))


def _blocks(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows):
        if number:
            sys.stdout.write("\n")
        _block(list(zip(names, row, strict=True)))


def _block(given: Sequence[Sequence[str]]) -> None:
    width = max((cell_len(name) for name, _ in given), default=0)
    sys.stdout.writelines(
        f"{name}{' ' * (width - cell_len(name))}{_GAP}{value}".rstrip() + "\n"
        for name, value in given
    )


def _line(texts: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    parts = []
    for text, width, number in zip(texts, widths, numbers, strict=True):
        room = " " * (width - cell_len(text))
        parts.append(room + text if number else text + room)
    return _GAP.join(parts).rstrip()


def _heading(console: Console, line: str) -> None:
    if console.is_terminal:
        console.print(Text(line, style="bold"), soft_wrap=True)
    else:
        sys.stdout.write(line + "\n")


def _clean(texts: Sequence[str]) -> list[str]:
    return [text.translate(_VISIBLE) for text in texts]
