"""How this installation is: worker, queue, storage, versions."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import streamlit as st

from lib.access import Action, may, require
from lib.config import Office
from lib.config.health import Storage, storage
from lib.runs import process
from lib.store import runs
from lib.ui import errors, words
from lib.ui.text import _


def draw_worker(office: Office) -> None:
    """Draw whether a worker is alive, what waits for it, and a button that starts one."""
    alive, said = process.alive(office.settings), process.sign_of_life(office.settings)
    waiting = runs.live(office.store, office.who)
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        st.metric(_("State"), _("alive") if alive else _("not alive"), width="content")
        if alive and said:
            up = (datetime.now(UTC) - said.started_at).total_seconds()
            st.metric(_("Alive for"), words.duration(max(1.0, up)), width="content")
        st.metric(_("Runs waiting or under way"), words.number(len(waiting)), width="content")
        if not alive and may(office.who, Action.EDIT_SYSTEM):
            st.button(
                _("Start a worker"),
                key="system.worker",
                type="primary",
                icon=":material/play_arrow:",
                on_click=_start,
                args=(office,),
            )


def draw_storage(state: Path) -> None:
    """Draw what lies in the state directory."""
    found = _storage(str(state))
    names = {
        "store": _("What people configured, and what happened"),
        "snapshots": _("Local copies of audiences"),
        "runs": _("Plans and runs"),
        "warehouse": _("Converted sources and spilled queries"),
        "practice": _("Practice Mailchimp"),
    }
    rows = pl.DataFrame(
        {
            _("What"): [names[name] for name in names],
            _("Size"): [words.size(found.used.get(name, 0)) for name in names],
        }
    )
    st.dataframe(rows, hide_index=True, alt=_("Storage used"))
    st.caption(_("{size} free on this disk.").format(size=words.size(found.free)))


@st.cache_data(show_spinner=False, ttl="30s", max_entries=4)
def _storage(state: str) -> Storage:
    return storage(Path(state))


def _start(office: Office) -> None:
    def start() -> None:
        require(office.who, Action.EDIT_SYSTEM)
        process.ensure(office.settings)

    errors.attempt(start)
