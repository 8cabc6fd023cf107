"""Real contacts as Mailchimp would get them, the worst ones first, and what is wrong with them."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from lib.contacts.fields import MergeField
from lib.contacts.preview import WHY
from lib.contacts.problems import PROBLEMS
from lib.ui import words
from lib.ui.exports import trial
from lib.ui.exports.trial import Trial
from lib.ui.runs import people_card
from lib.ui.text import _, said


def draw(found: Trial, fields: Sequence[MergeField], *, tagged: bool) -> None:
    """Draw the contacts, then the problems counted with examples."""
    if not found.profiles:
        st.caption(_("The segments hold nobody at present, so there is nothing to show."))
        return
    st.dataframe(
        _contacts(found.contacts, fields, tagged=tagged),
        hide_index=True,
        height="content" if found.contacts.height <= 12 else 430,
        placeholder="",
        alt=_("Contacts as Mailchimp would get them"),
    )
    looked = words.number(found.profiles)
    if found.profiles >= trial.MOST:
        st.caption(
            _("Picked from the first {count} profiles; the plan looks at all.").format(count=looked)
        )
    if found.problems.is_empty():
        st.caption(_(":green[:material/check: Nothing wrong with the values.]"))
        return
    total = int(found.problems.filter(pl.col("code") != "cleaned")["n"].sum())
    title = _("{count} values in {profiles} profiles need a look").format(
        count=words.number(total), profiles=looked
    )
    with st.expander(title, icon=":material/healing:", expanded=False):
        st.dataframe(
            _problems(found.problems),
            hide_index=True,
            alt=_("Problems of values"),
            column_config={_("Profiles"): st.column_config.NumberColumn(format="localized")},
        )


def _contacts(
    contacts: pl.DataFrame, fields: Sequence[MergeField], *, tagged: bool
) -> pl.DataFrame:
    reasons = {key: said(text) for key, text in WHY.items()}
    why = pl.col("why").replace_strict(reasons, default="")
    about = pl.when(pl.col("tag") == "").then(why).otherwise(why + " · " + pl.col("tag"))
    problems = {code: people_card.reason(code) for code in contacts["problem"].unique() if code}
    unusable = pl.col("problem").replace_strict(problems, default="", return_dtype=pl.String)
    sent = pl.when(pl.col("problem") == "").then(pl.col("email"))
    shown = [
        about.alias(_("Shown because")),
        pl.col("email_given").alias(_("In the profile")),
        sent.otherwise(pl.lit("✕ ") + unusable).alias(_("Sent to")),
    ]
    known = contacts.schema["new"]
    assert isinstance(known, pl.Struct)
    there = {field.name for field in known.fields}
    shown += [
        pl.col("new").struct.field(field.tag).alias(field.name or field.tag)
        for field in fields
        if field.tag in there
    ]
    if tagged:
        shown.append(pl.col("segments").alias(_("Tags")))
    return contacts.select(shown)


def _problems(problems: pl.DataFrame) -> pl.DataFrame:
    meanings = [_meaning(code) for code in problems["code"]]
    return problems.select(
        pl.col("tag").alias(_("Field")),
        pl.Series(_("What"), meanings),
        pl.col("n").alias(_("Profiles")),
        pl.col("examples").alias(_("As in the profile")),
    )


def _meaning(code: str) -> str:
    return said(PROBLEMS[code]) if code in PROBLEMS else people_card.reason(code)
