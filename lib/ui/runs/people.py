"""The contacts of a plan, a page at a time, as a table that people can read.

Reads plan.parquet lazily: only the columns and rows of the page become a frame.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lib.errors import StorageError
from lib.runs.plan import planned
from lib.ui import statuses
from lib.ui.text import _, said

PAGE = 50
"""Contacts shown at a time."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which contacts to look at."""

    fate: str
    reason: str = ""
    """Reason code; empty means any."""
    text: str = ""
    """Part of an address or a whole key; empty means any."""


@dataclass(frozen=True, slots=True)
class People:
    """One page of them."""

    rows: pl.DataFrame
    total: int


def read_people(plan: Path, search: Search, page: int = 1) -> People:
    """Read one page of the contacts of a plan.

    Args:
        plan: plan.parquet.
        search: which of them.
        page: 1 is the first.

    Raises:
        StorageError: the plan's file is gone or unreadable.
    """
    try:
        found = pl.scan_parquet(plan).filter(_matches(search))
        total = int(found.select(pl.len()).collect().item())
        rows = found.sort("ord").slice((page - 1) * PAGE, PAGE).collect()
        rows = planned.with_sent(rows.lazy(), planned.matched(plan)).collect()
    except (OSError, pl.exceptions.PolarsError):
        raise StorageError(
            _("The file of this plan cannot be read any more. Make the plan again.")
        ) from None
    return People(_readable(rows), total)


def _matches(search: Search) -> pl.Expr:
    matches = pl.col("fate") == search.fate
    if search.reason:
        matches &= pl.col("reason") == search.reason
    if sought := search.text.strip().lower():
        given = pl.coalesce("email", "email_given", pl.lit("")).str.to_lowercase()
        matches &= given.str.contains(sought, literal=True) | (pl.col("key") == search.text.strip())
    return matches


def _readable(rows: pl.DataFrame) -> pl.DataFrame:
    """Lay out a page of contacts: the address, what changes, why, segments and tags."""
    shown = rows.select(
        pl.coalesce(pl.col("email"), pl.col("email_given")).alias(_("Address")),
        pl.Series(_("Why"), [said(why or "") for why in rows["detail"]], dtype=pl.String),
        pl.Series(_("What changes"), [_changes(row) for row in rows.iter_rows(named=True)]),
        pl.Series(
            _("Status now"),
            [statuses.called(one or "") for one in rows["status_before"]],
            dtype=pl.String,
        ),
        pl.col("segments").alias(_("Segments")),
        pl.col("key").alias(_("Profile")),
    )
    return telling(shown)


def telling(page: pl.DataFrame) -> pl.DataFrame:
    """Leave out columns of text that are empty on the whole page."""
    empty = [
        name
        for name, kind in page.schema.items()
        if kind == pl.String and not (page[name].fill_null("") != "").any()
    ]
    return page.drop(empty)


def _changes(row: dict[str, object]) -> str:
    """Say one contact's changes, such as ``FNAME: Ada → Ada Marie · +tag Gold``."""
    new, old = row.get("new") or {}, row.get("old") or {}
    assert isinstance(new, dict) and isinstance(old, dict)
    tags = [tag for tag, value in new.items() if value is not None]
    parts = [_change(tag, old.get(tag), new.get(tag), row["fate"] == "updated") for tag in tags]
    for sign, name in (("+", "tags_add"), ("−", "tags_remove")):
        listed = row.get(name) or []
        assert isinstance(listed, list)
        parts += [f"{sign}{tag}" for tag in listed]
    return " · ".join(parts)


def _change(tag: str, old: object, new: object, update: bool) -> str:
    empty = _("(empty)")
    return f"{tag}: {old or empty} → {new or empty}" if update else f"{tag}: {new}"
