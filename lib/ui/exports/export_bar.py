"""What can be done to the exports that are ticked in the list."""

from collections.abc import Sequence

import streamlit as st

from lib.config import Office
from lib.config.schedule import Standing
from lib.ui import dialogs
from lib.ui.exports import export_acts
from lib.ui.text import _, plural

_MORE = "overview.more"


def draw(office: Office, chosen: Sequence[Standing], *, allowed: bool) -> None:
    """Draw the actions; they stay in place, and are idle while nothing is ticked.

    Args:
        office: where, and who.
        chosen: the exports that are ticked.
        allowed: the person's role may change exports at all.
    """
    refusal = export_acts.refusal(chosen, allowed=allowed)
    idle = not chosen or bool(refusal)
    with st.container(horizontal=True, vertical_alignment="center", key="overview.bar"):
        st.button(
            _("Run now …"),
            key="overview.run",
            icon=":material/play_arrow:",
            disabled=idle,
            on_click=dialogs.ask,
            args=("export.run",),
        )
        st.button(
            _("Schedule …"),
            key="overview.schedule",
            icon=":material/event_repeat:",
            disabled=idle,
            on_click=dialogs.ask,
            args=("export.schedule",),
        )
        for name, label, icon, on in (
            ("on", _("Switch on"), ":material/toggle_on:", True),
            ("off", _("Switch off"), ":material/toggle_off:", False),
        ):
            st.button(
                label,
                key=f"overview.{name}",
                icon=icon,
                disabled=idle or all(one.export.active is on for one in chosen),
                on_click=export_acts.switch,
                args=(office, chosen),
                kwargs={"on": on},
            )
        _draw_more(chosen, idle=idle)
        if chosen:
            st.caption(plural("{count} ticked", "{count} ticked", len(chosen)))
    if refusal and (chosen or not allowed):
        st.caption(f":material/lock: {refusal}")


def _draw_more(chosen: Sequence[Standing], *, idle: bool) -> None:
    detached = [one.export.connection_id is None for one in chosen]
    labels = {"export.duplicate": _("Duplicate …")}
    if any(detached):
        labels["export.attach"] = _("Give a connection …")
    if not all(detached):
        labels["export.detach"] = _("Take the connection away …")
    labels["export.remove"] = _("Remove …")
    st.menu_button(
        _("More"),
        list(labels),
        format_func=labels.__getitem__,
        key=_MORE,
        icon=":material/more_horiz:",
        disabled=idle,
        on_click=_ask,
    )


def _ask() -> None:
    if wanted := st.session_state.get(_MORE):
        dialogs.ask(str(wanted))
