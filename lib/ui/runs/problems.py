"""Values that cannot be sent as they are: counted per field, with examples of real contacts."""

from pathlib import Path

import polars as pl
import streamlit as st

from lib.contacts.problems import PROBLEMS
from lib.runs.plan import listing, planned
from lib.ui import words
from lib.ui.text import _, said

EXAMPLES = 20


def meaning(code: str) -> str:
    """Say what a problem of a value is, and what is done about it."""
    return said(PROBLEMS.get(code, code.replace("_", " ")))


def draw(plan: Path) -> None:
    """Draw the problems of a plan's values, with examples; nothing when there are none."""
    frame = listing.with_values(plan)
    found = listing.problems(frame)
    if not found:
        return
    total = sum(problem.contacts for problem in found)
    title = _("{count} values are not sent as they are").format(count=words.number(total))
    box = st.expander(title, icon=":material/healing:", on_change="rerun", key="problems.open")
    if not box.open:
        return
    with box:
        labels = {
            f"{one.tag}:{one.code}": (
                f"**{words.number(one.contacts)}** {one.tag}: {meaning(one.code)}"
            )
            for one in found
        }
        chosen = st.pills(
            _("Problem"),
            list(labels),
            default=next(iter(labels)),
            format_func=labels.__getitem__,
            key="problems.chosen",
            required=True,
            label_visibility="collapsed",
        )
        tag = str(chosen).split(":", 1)[0]
        examples = (
            planned.with_sent(
                frame.filter(pl.col("problems").list.contains(chosen)).head(EXAMPLES), [tag]
            )
            .select(
                pl.col("email").alias(_("Address")),
                pl.col("new").struct.field(tag).alias(_("Sent as")),
                pl.col("old").struct.field(tag).alias(_("In Mailchimp now")),
                pl.col("key").alias(_("Profile")),
            )
            .collect()
        )
        st.dataframe(examples, hide_index=True, placeholder="–", alt=_("Examples of the problem"))
