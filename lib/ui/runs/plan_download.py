"""Everybody in a plan as a file: what would happen to each of them, and why."""

from functools import partial
from pathlib import Path

import streamlit as st

from lib.runs import listing
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
    return files.written(listing.listed(plan), form)
