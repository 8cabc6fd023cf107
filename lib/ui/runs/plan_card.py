"""The plan of an export on the page: ordered, in the making, failed, or ready to be read."""

from pathlib import Path

import polars as pl
import streamlit as st

from lib.config import Office
from lib.runs import desk as work
from lib.runs.sending import checking
from lib.store import plans, runs
from lib.store.exports import Export
from lib.store.plans import Plan, PlanState
from lib.ui import errors, resources, words
from lib.ui.markdown import literal
from lib.ui.runs import fates, forecast, narrowing, people_card, problems, undo_card
from lib.ui.runs.forecast import Forecast
from lib.ui.text import _, said


def propose(office: Office, export_id: str) -> None:
    """Order a plan; for callbacks."""
    errors.attempt(work.propose, office.store, office.settings, office.who, export_id)


@st.fragment(run_every="700ms")
@errors.framed
def draw_making(office: Office, plan_id: str) -> None:
    """Draw how far the making of a plan is; when it ends, the whole page is drawn anew."""
    plan = plans.get(office.store, office.who, plan_id)
    if plan.state is not PlanState.MAKING:
        st.rerun()
    step = work.plan_step(office.settings, plan_id)
    phase = said(step.phase) if step else _("Waiting for the worker")
    with st.container(border=True, key="review.making"):
        st.progress(max(0.0, min(1.0, step.share if step else 0.0)), text=f"{phase} …")
        st.button(
            _("Give up"),
            key="review.abandon",
            icon=":material/close:",
            on_click=abandon,
            args=(office, plan_id),
        )
        st.caption(_("Nothing is sent. You may leave this page; the plan goes on being made."))


def abandon(office: Office, plan_id: str) -> None:
    """Give a plan up; for callbacks."""
    errors.attempt(work.abandon, office.store, office.who, plan_id)


def rate_of(office: Office, export: Export) -> float:
    """Return contacts per second of the export's last finished run; 0 when there was none."""
    done = runs.all(office.store, office.who, export=export.id, state=runs.RunState.DONE, limit=1)
    run = done[0] if done else None
    return run.rate(run.finished_at) if run and run.finished_at and run.sent > 500 else 0.0


def draw_age(plan: Plan, export: Export) -> bool:
    """Draw when the plan was made and what moved since; say whether it may still be approved."""
    made = words.ago(plan.ready_at or plan.made_at)
    st.caption(_("Made {when} by {who}.").format(when=made, who=literal(said(plan.made_by))))
    if plan.export_revision != export.revision:
        st.warning(
            _("The export was changed after this plan was made. Make a new plan to go on."),
            icon=":material/update:",
        )
        return False
    if plan.message:
        st.warning(literal(said(plan.message)), icon=":material/info:")
    known = checking.said(Path(plan.directory)).get("warehouse_version")
    if known and known != resources.warehouse().version():
        st.warning(
            _(
                "The profiles have changed since this plan was made. What you approve is what is "
                "sent: make a new plan to send the data of today."
            ),
            icon=":material/update:",
        )
    return True


def draw_forecast(plan: Plan, found: Forecast, rate: float) -> None:
    """Draw what a ready plan would do, each number with the people behind it."""
    undo = bool(plan.undoes)
    if undo:
        undo_card.draw_limits(plan, found)
    else:
        st.markdown(forecast.headline(found, rate))
    names = fates.planned(undo=undo)
    forecast.draw_bar(found.fates, names=names)
    path = work.plan_file(plan)
    chosen = forecast.choose(found.fates, names=names, key="review.fate")
    if chosen:
        people_card.draw(path, chosen, _reasons_of(path, chosen), key="review", undo=undo)
    problems.draw(path)


def _reasons_of(path: Path, fate: str) -> dict[str, int]:
    """Count the reasons of one fate, most frequent first."""
    if fate in {"added", "updated", "unchanged"}:
        return {}
    counted = (
        pl.scan_parquet(path)
        .filter((pl.col("fate") == fate) & (pl.col("reason") != ""))
        .group_by("reason")
        .len()
        .sort("len", descending=True)
        .collect()
    )
    return dict(counted.iter_rows())


def draw_over(found: Forecast, limit: int) -> None:
    """Say how many profiles are over the limit, and the ways out."""
    ways = narrowing.ways(limit)
    st.error(
        _(
            "{over} profiles over the limit of {limit}: this plan cannot be pushed. Keep no more "
            "with “{best}” in the segment, split it by country or by “{half}”, or move a segment "
            "to another export."
        ).format(
            over=words.number(found.over_limit),
            limit=words.number(limit),
            best=literal(ways.best),
            half=literal(ways.half),
        ),
        icon=":material/block:",
    )
