"""What the run of a plan left for a person to do: to decide, or to make a new plan."""

import streamlit as st

from lib.config import Office
from lib.store import runs
from lib.store.plans import Plan
from lib.store.runs import Run
from lib.ui import moments
from lib.ui.markdown import literal
from lib.ui.runs import run_words
from lib.ui.text import _, said


def draw(office: Office, plan: Plan) -> bool:
    """Say what the run of this plan left, if there is one; return whether it may be approved."""
    run = runs.of_plan(office.store, office.who, plan.id)
    if run is None:
        return True
    when = moments.said(run.requested_at, office.settings.time_zone)
    if run_words.awaits_a_yes(run):
        _draw_stopped(run, when)
    elif not run.live and run.started_at:
        st.info(
            _("This plan was carried out {when}. Make a new plan to export again.").format(
                when=when
            ),
            icon=":material/task_alt:",
        )
        st.page_link(
            "pages/exports/runs.py",
            label=_("See what became of it"),
            icon=":material/history:",
            query_params={"run": run.id},
        )
    return run_words.never_began(run)


def _draw_stopped(run: Run, when: str) -> None:
    st.warning(
        f"**{literal(said(run.message))}**\n\n"
        + _(
            "The scheduled run of {when} was stopped before it sent anything. Look at who it is "
            "about: if that is what you want, approve the plan; if not, change the segments or "
            "the guard rails of the export."
        ).format(when=when),
        icon=":material/front_hand:",
    )
