"""Everybody in a plan as a file: what would happen to each of them, and why."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl
import streamlit as st

from lib.runs import planned
from lib.ui import words
from lib.ui.runs import files
from lib.ui.runs.files import Form
from lib.ui.text import _


def draw(plan: Path, total: int, name: str) -> None:
    """Offer all contacts of a plan as a file; it is written when asked for.

    Args:
        plan: plan.parquet.
        total: contacts in it.
        name: of the export.
    """
    with st.popover(_("Download"), icon=":material/download:", key="review.download"):
        st.markdown(
            _("All {total} contacts with what would happen to each, and why.").format(
                total=words.number(total)
            )
        )
        forms: tuple[Form, ...] = ("csv", "parquet")
        for form in forms:
            st.download_button(
                _("CSV") if form == "csv" else _("Parquet"),
                data=partial(file, plan, form),
                file_name=f"{name}-plan.{form}",
                key=f"review.download.{form}",
                icon=":material/table_view:" if form == "csv" else ":material/view_column:",
                on_click="ignore",
                width="stretch",
            )


def file(plan: Path, form: Form) -> bytes:
    """Return all contacts of a plan as a file, in the plan's order.

    Raises:
        StorageError: the file of the plan is gone or unreadable.
    """
    return files.written(listed(plan), form)


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
