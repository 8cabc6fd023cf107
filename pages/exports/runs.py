"""Runs: what is being sent, what was sent, and what became of each contact."""

import streamlit as st

from lib.store import runs
from lib.ui import place
from lib.ui.runs import run_card, run_filter, run_history, run_watch
from lib.ui.text import _

office = place.office()

st.title(_("Runs"))
run_filter.follow_link(office)
live = run_watch.draw(office)
newest = runs.all(office.store, office.who, limit=len(live) + 1)
if not newest:
    st.info(
        _("Nothing was pushed yet. A run begins when somebody approves a plan."),
        icon=":material/history:",
    )
    st.page_link(
        "pages/exports/review.py", label=_("Review an export"), icon=":material/fact_check:"
    )
elif len(newest) > len(live):
    st.subheader(_("History"))
    ended, filtered = run_filter.draw(office)
    if ended:
        run_history.draw_chart(ended, office.settings.time_zone)
        chosen = run_history.choose(ended, filtered)
        run_filter.link(chosen)
        run_card.draw(office, chosen)
    else:
        st.caption(_("No run fits."))
