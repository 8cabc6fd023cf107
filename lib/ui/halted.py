"""A scheduled run that a guard rail stopped: said on top of its plan, where a person decides."""

import streamlit as st

from lib.config import Office
from lib.store import runs
from lib.store.plans import Plan
from lib.ui import moments, run_words
from lib.ui.text import _, said


def draw(office: Office, plan: Plan) -> None:
    """Say why the run of this plan was stopped before it sent anything; else draw nothing."""
    last = runs.all(office.store, office.who, export=plan.export_id, limit=5)
    stopped = next((one for one in last if one.plan_id == plan.id), None)
    if stopped is None or not run_words.awaits_a_yes(stopped):
        return
    when = moments.said(stopped.requested_at, office.settings.time_zone)
    st.warning(
        f"**{said(stopped.message)}**\n\n"
        + _(
            "The scheduled run of {when} was stopped before it sent anything. Look at who it is "
            "about: if that is what you want, approve the plan; if not, change the segments or "
            "the guard rails of the export."
        ).format(when=when),
        icon=":material/front_hand:",
    )
