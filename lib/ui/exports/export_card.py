"""One export of the list: how it stands in sentences, its next dates, and the ways on."""

import streamlit as st

from lib.config import Office, schedule
from lib.config.schedule import Standing
from lib.store import segments
from lib.ui import moments, session
from lib.ui.exports import recurrence, standings
from lib.ui.markdown import literal
from lib.ui.runs import run_filter, run_words
from lib.ui.text import _, said

_DATES = 5


def draw(office: Office, standing: Standing, refresh: str) -> None:
    """Draw how an export stands.

    Args:
        office: where, and who.
        standing: of the export.
        refresh: cron of the refresh; empty when there is none.
    """
    export = standing.export
    with st.container(border=True, key="overview.card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(export.name), width="content")
            st.space("stretch")
            _draw_ways(standing)
        names = {one.id: one.name for one in segments.all(office.store, office.who)}
        st.markdown(
            _("Sends **{segments}** to **{audience}** through {connection}.").format(
                segments=literal(", ".join(names.get(ref, "") for ref in export.segment_ids)),
                audience=literal(export.audience_name or export.audience_id),
                connection=literal(export.connection_name) or _("no connection"),
            )
        )
        _draw_last(office, standing)
        _draw_next(office, standing, refresh)


def _draw_ways(standing: Standing) -> None:
    ways = (
        ("setup", _("Set up"), ":material/tune:"),
        ("review", _("Review"), ":material/fact_check:"),
        ("runs", _("Runs"), ":material/history:"),
    )
    for page, label, icon in ways:
        if st.button(label, key=f"overview.{page}", icon=icon):
            run = standing.last_run
            session.choose(export_id=standing.export.id, run_id=run.id if run else "")
            if page == "runs":
                run_filter.only(standing.export.id)
            st.switch_page(f"pages/exports/{page}.py")


def _draw_last(office: Office, standing: Standing) -> None:
    run = standing.last_run
    if run is None:
        st.caption(_("It has never run."))
        return
    line = _("Last run {when}, {trigger}: {state}").format(
        when=moments.said(run.requested_at, office.settings.time_zone),
        trigger=run_words.trigger(run),
        state=run_words.state(run.state),
    )
    outcome = standings.outcome(standing)
    text = f"{line}. {outcome}" if outcome else f"{line}."
    if run_words.awaits_a_yes(run):
        st.warning(text, icon=":material/front_hand:")
    elif run.state.name == "FAILED":
        st.error(text, icon=":material/error:")
    else:
        st.caption(text)


def _draw_next(office: Office, standing: Standing, refresh: str) -> None:
    said_when = recurrence.schedule(standing.export.schedule, refresh)
    dates = schedule.next_runs(office, standing.export, _DATES)
    zone = office.settings.time_zone
    listed = " · ".join(moments.said(at, zone) for at in dates)
    if standing.hindrance in {"off", ""}:
        tail = f": {listed}" if listed else ""
        st.caption(_("Runs {schedule}").format(schedule=said_when) + tail)
        return
    st.markdown(
        _(":orange[:material/block: It does not run by itself.] {why}").format(
            why=literal(said(standing.why))
        )
    )
    if listed:
        st.caption(_("It would be due {dates}.").format(dates=listed))
