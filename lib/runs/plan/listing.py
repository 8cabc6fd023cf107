"""A plan laid out for people: everybody in it as a row, and the problems of values counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from lib.runs.plan import planned

_SENT: Final = ("added", "updated", "unchanged")
"""Fates of contacts whose values matter."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem of one field."""

    tag: str
    code: str
    contacts: int


def problems(plan: pl.LazyFrame) -> list[Problem]:
    """Count the problems in a plan or a preview, most frequent first."""
    found = (
        plan.select("problems")
        .filter(pl.col("problems").list.len() > 0)
        .explode("problems")
        .group_by("problems")
        .len()
        .sort("len", "problems", descending=[True, False])
        .collect()
    )
    counted = []
    for text, contacts in found.iter_rows():
        tag, code = str(text).split(":", 1)
        counted.append(Problem(tag, code, int(contacts)))
    return counted


def with_values(plan: Path) -> pl.LazyFrame:
    """Return the contacts of a plan whose values are sent, or would be if they changed."""
    return pl.scan_parquet(plan).filter(pl.col("fate").is_in(_SENT))


def listed(plan: Path) -> pl.LazyFrame:
    """Lay a plan out for people: one row a contact, one column a field, before and after."""
    tags = planned.matched(plan)
    rows = planned.with_sent(pl.scan_parquet(plan), tags)
    sides = ((tag, side, name) for tag in tags for side, name in (("old", "_now"), ("new", "")))
    return rows.select(
        pl.col("key").alias("profile"),
        pl.coalesce("email", "email_given").alias("address"),
        "fate",
        "reason",
        pl.col("detail").alias("why"),
        "status_before",
        *(pl.col(side).struct.field(tag).alias(f"{tag}{name}") for tag, side, name in sides),
        _changed(tags).alias("changed"),
        "tags_add",
        "tags_remove",
        "segments",
        "problems",
    )


def _changed(tags: Sequence[str]) -> pl.Expr:
    """Name the fields that get a value."""
    value = pl.col("new").struct
    named = [pl.when(value.field(tag).is_not_null()).then(pl.lit(tag)) for tag in tags]
    return pl.concat_list(named).list.drop_nulls()
