"""The outcome of every contact of a run, a page at a time, and as a file."""

from pathlib import Path

import polars as pl

from lib.errors import StorageError
from lib.ui.runs import files
from lib.ui.runs.people import PAGE, People, telling
from lib.ui.text import _, said

_ADDRESS = r"\S+@\S+"
_REASONS = 8


def read(path: Path, outcome: str, text: str = "", page: int = 1) -> People:
    """Read one page of the contacts with an outcome.

    Args:
        path: outcomes.parquet of the run.
        outcome: which.
        text: part of an address or of a message, or a whole key; empty means any.
        page: 1 is the first.

    Raises:
        StorageError: the file is gone or unreadable.
    """
    try:
        found = pl.scan_parquet(path).filter(_matches(outcome, text))
        total = int(found.select(pl.len()).collect().item())
        rows = found.sort("ord").slice((page - 1) * PAGE, PAGE).collect()
    except (OSError, pl.exceptions.PolarsError):
        raise StorageError(_("The outcomes of this run cannot be read any more.")) from None
    told = pl.Series("message", [said(one or "") for one in rows["message"]], dtype=pl.String)
    return People(telling(rows.with_columns(told).select(_readable())), total)


def reasons(path: Path, outcome: str) -> dict[str, int]:
    """Count why contacts ended so, most frequent first, the addresses in the words left out.

    Raises:
        StorageError: the file is gone or unreadable.
    """
    words = pl.col("message").str.replace_all(_ADDRESS, "…").alias("why")
    try:
        found = (
            pl.scan_parquet(path)
            .filter((pl.col("outcome") == outcome) & (pl.col("message") != ""))
            .group_by(words)
            .len()
            .sort("len", "why", descending=[True, False])
            .head(_REASONS)
            .collect()
        )
    except (OSError, pl.exceptions.PolarsError):
        raise StorageError(_("The outcomes of this run cannot be read any more.")) from None
    return {said(why): count for why, count in found.iter_rows()}


def as_csv(path: Path, outcome: str) -> bytes:
    """Return all contacts with an outcome as CSV, in the run's own columns.

    Raises:
        StorageError: the file is gone or unreadable.
    """
    return files.written(pl.scan_parquet(path).filter(_matches(outcome, "")).sort("ord"), "csv")


def _matches(outcome: str, text: str) -> pl.Expr:
    matches = pl.col("outcome") == outcome
    if sought := text.strip().lower():
        whole = pl.concat_str("email", "email_given", "message", ignore_nulls=True, separator=" ")
        near = whole.str.to_lowercase().str.contains(sought, literal=True)
        matches &= near | (pl.col("key") == text.strip())
    return matches


def _readable() -> list[pl.Expr]:
    field = (
        pl.when(pl.col("field") == "")
        .then(pl.lit(""))
        .otherwise(pl.col("field") + ": " + pl.col("field_message"))
    )
    return [
        pl.coalesce("email", "email_given").alias(_("Address")),
        pl.col("message").alias(_("What Mailchimp or the plan says")),
        field.alias(_("Field")),
        pl.col("segments").alias(_("Segments")),
        pl.col("key").alias(_("Profile")),
    ]
