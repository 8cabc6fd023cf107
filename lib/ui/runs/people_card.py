"""The people behind a number of a plan: reasons, search, pages."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from lib.contacts.fates import REASONS
from lib.ui import words
from lib.ui.runs import fates, people
from lib.ui.runs.people import PAGE, Search
from lib.ui.text import _, said


def draw(
    plan: Path, fate: str, reasons: Mapping[str, int], *, key: str, undo: bool = False
) -> None:
    """Draw the contacts of one fate, a page at a time.

    Args:
        plan: plan.parquet.
        fate: which.
        reasons: how many there are of each reason of this fate.
        key: prefix of the widgets.
        undo: the plan takes a run back.
    """
    st.caption(fates.called(fate, undo=undo).meaning)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            _("Find somebody"),
            key=f"{key}.search",
            type="search",
            live="400ms",
            placeholder=_("part of an address, or a profile's key"),
        )
        reason = _choose_reason(reasons, key=f"{key}.reason.{fate}")
    search = Search(fate, reason, text or "")
    place = f"{key}.page.{fate}.{reason}.{text}"
    found = people.read_people(plan, search, int(st.session_state.get(place, 1)))
    if not found.total:
        st.caption(_("Nobody fits."))
        return
    st.dataframe(
        found.rows,
        hide_index=True,
        placeholder="",
        column_config={
            _("What changes"): st.column_config.TextColumn(width="large"),
            _("Why"): st.column_config.TextColumn(width="large"),
        },
        alt=fates.called(fate).label,
    )
    pages = -(-found.total // PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        if pages > 1:
            st.pagination(pages, key=place)
        st.caption(
            _("{shown} of {total}").format(
                shown=words.number(found.rows.height), total=words.number(found.total)
            )
        )


def _choose_reason(reasons: Mapping[str, int], *, key: str) -> str:
    if len(reasons) < 2:
        return ""
    labels = {"": _("Any reason")}
    labels |= {code: f"{reason(code)} ({words.number(n)})" for code, n in reasons.items()}
    return str(
        st.selectbox(
            _("Reason"),
            list(labels),
            format_func=labels.__getitem__,
            key=key,
        )
    )


def reason(code: str) -> str:
    """Say a reason in words."""
    return said(REASONS.get(code, code.replace("_", " "))).rstrip(".")
