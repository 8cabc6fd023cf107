"""Undo of a run on the pages: the button that plans it, and what its plan would do."""

import streamlit as st

from lib.access import Action, may
from lib.config import Office
from lib.runs import desk as work
from lib.store.plans import Plan
from lib.store.runs import Run
from lib.ui import errors, session, words
from lib.ui.markdown import literal
from lib.ui.runs.forecast import Forecast
from lib.ui.text import _, plural, said

_BEGUN = "undo.begun"


def draw_button(office: Office, run: Run) -> None:
    """Draw what plans the undo of a run, and go where its plan can be looked at."""
    if st.session_state.pop(_BEGUN, False):
        st.switch_page("pages/exports/review.py")
    if run.live or run.kind == "undo" or run.started_at is None:
        return
    st.button(
        _("Undo this run …"),
        key="runs.undo",
        icon=":material/undo:",
        disabled=not may(office.who, Action.RUN_EXPORTS),
        help=_("Plans it first: you see what it puts back and what it cannot. Nothing is sent."),
        on_click=_propose,
        args=(office, run),
    )


def _propose(office: Office, run: Run) -> None:
    if errors.attempt(work.propose_undo, office.store, office.settings, office.who, run.id):
        session.choose(export_id=run.export_id)
        st.session_state[_BEGUN] = True


def draw_limits(plan: Plan, found: Forecast) -> None:
    """Draw what the undo would do, in sentences, and what it cannot put back."""
    if found.sending:
        back, away = found.fates.get("updated", 0), found.fates.get("left", 0)
        text = _(
            "**Undo of the run {run}**: {back} contacts are put back as they were, {away} that it "
            "added are archived, in {calls}."
        ).format(
            run=plan.undoes,
            back=words.number(back),
            away=words.number(away),
            calls=plural("{count} call", "{count} calls", found.calls),
        )
    else:
        text = _("**Nothing to undo.** The audience holds nothing any more that the run wrote.")
    st.markdown(text)
    if limits := plan.counts.get("limits"):
        with st.container(border=True, key="review.limits"):
            st.markdown(_("What an undo cannot put back"))
            st.markdown("\n".join(f"- {literal(said(limit))}" for limit in limits))
