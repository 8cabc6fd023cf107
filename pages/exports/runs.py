"""Runs: what is being sent, what was sent, and what became of each contact."""

import streamlit as st

from lib.store import runs
from lib.ui import place, run_card, run_history, run_watch
from lib.ui.text import _

office = place.office()

st.title(_("Runs"))
live = run_watch.draw(office)
listed = runs.all(office.store, office.who, limit=200)
ended = tuple(run for run in listed if run.id not in live)
if not listed:
    st.info(
        _("Nothing was pushed yet. A run begins when somebody approves a plan."),
        icon=":material/history:",
    )
    st.page_link(
        "pages/exports/review.py", label=_("Review an export"), icon=":material/fact_check:"
    )
elif ended:
    st.subheader(_("History"))
    run_history.draw_chart(ended)
    run_card.draw(office, run_history.choose(ended))
