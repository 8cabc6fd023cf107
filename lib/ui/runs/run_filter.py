"""Which runs of the past are listed: by export, by how they ended, or the one an address names."""

import streamlit as st

from lib.config import Office
from lib.errors import NotFoundError
from lib.store import exports, runs
from lib.store.runs import Run, RunState
from lib.ui import session
from lib.ui.markdown import literal
from lib.ui.runs import run_words
from lib.ui.text import _, said

MOST = 200
"""Runs listed at a time."""
_EXPORT, _STATE, _LINKED = "runs.export", "runs.state", "runs.linked"
_ENDED = (RunState.DONE, RunState.FAILED, RunState.STOPPED, RunState.CANCELLED)


def only(export_id: str) -> None:
    """List the runs of one export when the page is opened next; for callbacks."""
    st.session_state[_EXPORT] = export_id


def follow_link(office: Office) -> None:
    """Choose the run that the page's address names: ``/runs?run=…``."""
    linked = st.query_params.get("run", "")
    if not linked or linked == st.session_state.get(_LINKED):
        return
    st.session_state[_LINKED] = linked
    try:
        session.choose(run_id=runs.get(office.store, office.who, linked).id)
    except NotFoundError as error:
        st.warning(literal(said(str(error))), icon=":material/link_off:")


def link(run: Run) -> None:
    """Put a run into the page's address, so that it can be passed on."""
    st.session_state[_LINKED] = run.id
    st.query_params["run"] = run.id


def draw(office: Office) -> tuple[tuple[Run, ...], str]:
    """Draw the filters; return the runs that are over, newest first, and what filtered them."""
    kept = exports.all(office.store, office.who)
    names = {"": _("All exports")} | {one.id: one.name for one in kept}
    if st.session_state.get(_EXPORT) not in names:
        st.session_state.pop(_EXPORT, None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        export = st.selectbox(
            _("Export"),
            list(names),
            format_func=names.__getitem__,
            key=_EXPORT,
            width=320,
        )
        state = st.pills(
            _("How they ended"),
            list(_ENDED),
            format_func=run_words.state,
            key=_STATE,
        )
    found = runs.all(office.store, office.who, export=export or "", state=state, limit=MOST)
    ended = tuple(run for run in found if not run.live)
    return ended if export or state else _with_chosen(office, ended), f"{export or ''}{state or ''}"


def _with_chosen(office: Office, listed: tuple[Run, ...]) -> tuple[Run, ...]:
    # A run that an address names may be too old to be listed.
    wanted = session.choice().run_id
    if not wanted or any(run.id == wanted for run in listed):
        return listed
    try:
        run = runs.get(office.store, office.who, wanted)
    except NotFoundError:
        return listed
    return listed if run.live else (*listed, run)
