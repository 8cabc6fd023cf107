# ruff: noqa: S608 - names and literals are quoted
"""Purging one person from what Muster reads: its own copies are written anew, the rest is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lib.contacts import address
from lib.errors import SourceError
from lib.runs.local import appearing, scratch
from lib.sources import Source
from lib.sql import ident, text
from lib.warehouse import copies
from lib.warehouse.files import find_files


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a person in the sources."""

    copies: int = 0
    """Converted copies that were written anew without them."""
    rows: int = 0
    holding: tuple[str, ...] = ()
    """Sources whose own files speak of them, be it inside a text: of a copy it is taken that the
    original does."""
    unread: tuple[str, ...] = ()
    """Sources that could not be looked at."""


def purge(sources: Iterable[Source], directory: Path, plain: str) -> Found:
    """Take a person's rows out of the copies; whose files hold them is only told.

    Args:
        sources: what the warehouse reads.
        directory: where the copies are, and where there is room to spill.
        plain: the address in lower case.

    Raises:
        StorageError: a copy cannot be written.
    """
    written = rows = 0
    holding, unread = [], []
    directory.mkdir(parents=True, exist_ok=True)
    for source in sources:
        try:
            with scratch(directory) as db:
                gone, mentions = _purge(db, source, plain)
        except (SourceError, duckdb.Error):
            unread.append(source.name)
            continue
        if mentions:
            holding.append(source.name)
        if gone and source.origin:
            written, rows = written + 1, rows + gone
    return Found(written, rows, tuple(holding), tuple(unread))


def _purge(db: duckdb.DuckDBPyConnection, source: Source, plain: str) -> tuple[int, int]:
    """Count a source's rows that are the person's, and take them out when it is a copy of ours.

    Returns:
        How many, and how many speak of the person.
    """
    paths = ", ".join(text(str(path)) for path in find_files(source))
    db.execute(f"create view held as from read_parquet([{paths}], union_by_name = true)")
    kinds = db.execute("describe held").fetchall()
    texts = [ident(name) for name, kind, *_ in kinds if kind == "VARCHAR"]
    if not texts:
        return 0, 0
    theirs = " or ".join(f"lower({address.clean(one)}) = {text(plain)}" for one in texts)
    spoken = " or ".join(f"contains(lower({one}), {text(plain)})" for one in texts)
    # Cleaning costs a hundred times the search; a case spares the rows that need none.
    theirs = f"case when {spoken} then coalesce({theirs}, false) else false end"
    ((many, mentions),) = db.execute(
        f"select count(*) filter ({theirs}), count(*) from held where {spoken}"
    ).fetchall()
    if many and source.origin:
        target = Path(source.location)
        db.execute("set preserve_insertion_order = true")
        with copies.alone(target), appearing(target) as fresh:
            db.execute(
                f"copy (from held where not {theirs}) to {text(str(fresh))} "
                "(format parquet, compression zstd, row_group_size 100000)"
            )
    return int(many), int(mentions)
