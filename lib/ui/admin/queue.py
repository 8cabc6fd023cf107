"""What the worker has to do: plans being made, and runs that wait or are under way."""

import polars as pl
import streamlit as st

from lib.config import Office
from lib.store import plans, runs
from lib.store.plans import Plan
from lib.store.runs import Run
from lib.ui import errors, words
from lib.ui.admin import health
from lib.ui.runs import run_words
from lib.ui.text import _, said


@st.fragment(run_every="3s")
@errors.framed
def draw(office: Office) -> None:
    """Draw the worker and its queue, anew every few seconds."""
    health.draw_worker(office)
    making = (*plans.ordered(office.store, office.who), *plans.made_here(office.store, office.who))
    live = runs.live(office.store, office.who)
    if not making and not live:
        st.caption(_(":material/check: Nothing waits, and nothing is under way."))
        return
    rows = [_plan_row(plan) for plan in making] + [_run_row(run) for run in live]
    heads = [_("What"), _("Export"), _("State"), _("Since"), _("By")]
    st.dataframe(
        pl.DataFrame(rows, schema=heads, orient="row"),
        hide_index=True,
        alt=_("What waits for the worker, and what is under way"),
    )


def _plan_row(plan: Plan) -> tuple[str, ...]:
    kind = _("Plan of an undo") if plan.undoes else _("Plan")
    state = _("being made")
    return kind, plan.export_name, state, words.ago(plan.made_at), said(plan.made_by)


def _run_row(run: Run) -> tuple[str, ...]:
    share = words.share(run.sent, run.total) if run.total and run.sent else ""
    return (
        _("Undo") if run.kind == "undo" else _("Run", "noun"),
        run.export_name,
        f"{run_words.marked(run)} {share}".strip(),
        words.ago(run.requested_at),
        said(run.requested_by) if run.trigger == "hand" else run_words.trigger(run),
    )
