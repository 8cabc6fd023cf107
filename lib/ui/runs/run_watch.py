"""The runs that are under way, drawn again every second while there are any."""

from datetime import UTC, datetime

import streamlit as st

from lib.access import Action, may
from lib.config import Office
from lib.runs import desk as work
from lib.runs import process
from lib.store import runs
from lib.store.runs import Run, RunState
from lib.ui import errors, words
from lib.ui.markdown import literal
from lib.ui.runs import fates
from lib.ui.text import _, said


def draw(office: Office) -> tuple[str, ...]:
    """Draw the runs under way and return their ids; nothing when there are none."""
    live = tuple(run.id for run in runs.live(office.store, office.who))
    if live:
        _draw_live(office, live)
    return live


@st.fragment(run_every="1s")
@errors.framed
def _draw_live(office: Office, known: tuple[str, ...]) -> None:
    live = runs.live(office.store, office.who)
    if tuple(run.id for run in live) != known:
        st.rerun()
    for run in live:
        with st.container(border=True, key=f"runs.live.{run.id}"):
            _draw_run(office, run)
    if not process.alive(office.settings):
        st.warning(
            _(
                "The worker that carries out runs is not alive; nothing is lost. It goes on where "
                "it was as soon as one is started, such as by opening the system page."
            ),
            icon=":material/engineering:",
        )


def _draw_run(office: Office, run: Run) -> None:
    now = datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(run.export_name), width="stretch")
        st.button(
            _("Cancelling …") if run.cancel_requested else _("Cancel"),
            key=f"runs.cancel.{run.id}",
            icon=":material/stop_circle:",
            disabled=run.cancel_requested or not may(office.who, Action.RUN_EXPORTS),
            on_click=_cancel,
            args=(office, run.id),
        )
    share = min(1.0, run.sent / run.total) if run.total else 0.0
    st.progress(share, text=_bar(run))
    if run.message:
        st.warning(literal(said(run.message)), icon=":material/hourglass_top:")
    rate, left = run.rate(now), run.seconds_left(now)
    sending = run.state is RunState.RUNNING and run.phase == "sending"
    with st.container(horizontal=True, gap="large"):
        speed = words.number(round(rate)) if sending and rate else "–"
        st.metric(_("Contacts a second"), speed, width="content")
        soon = words.duration(max(1.0, left)) if sending and left is not None else "–"
        st.metric(_("Time left"), soon, width="content")
        for name in ("added", "updated", "rejected", "in_doubt"):
            if run.outcomes.get(name) or name in {"added", "updated"}:
                count = words.number(run.outcomes.get(name, 0))
                st.metric(fates.called(name).label, count, width="content")
    st.caption(_("You may close this page or this browser: the run goes on."))


def _bar(run: Run) -> str:
    if run.state is RunState.QUEUED:
        return _("Waiting for its turn …")
    phases = {
        "checking": _("Checking what moved since the plan …"),
        "reading back": _("Reading back what Mailchimp holds …"),
    }
    sent = _("**{sent}** of {total} contacts").format(
        sent=words.number(run.sent), total=words.number(run.total)
    )
    return phases.get(run.phase, sent)


def _cancel(office: Office, run_id: str) -> None:
    errors.attempt(work.cancel, office.store, office.who, run_id)
