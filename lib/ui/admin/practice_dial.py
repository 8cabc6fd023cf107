"""The fault dial of the practice Mailchimp, turned over its own HTTP endpoints on this machine."""

from collections.abc import Mapping
from typing import Any

import requests
import streamlit as st

from lib.access import Action, require
from lib.config import Office
from lib.errors import SetupError
from lib.ui import dialogs, errors, person, practice, statuses, words
from lib.ui.markdown import literal
from lib.ui.practice import Practice
from lib.ui.text import _, said

_TIMEOUT_S = 5.0
_FAULT, _RATE, _LATENCY, _FILL = "dial.fault", "dial.rate", "dial.latency", "dial.fill"


def draw(office: Office) -> None:
    """Draw what the practice Mailchimp holds, and what can be made to go wrong."""
    running = practice.alive(office.settings)
    if running is None:
        _wait(office)
        return
    state = _get(running)
    for audience in state.get("audiences", []):
        held = {name: count for name, count in audience["statuses"].items() if count}
        listed = ", ".join(
            f"{words.number(count)} {statuses.called(name)}" for name, count in held.items()
        )
        st.caption(f"**{literal(audience['name'])}** ({audience['id']}): {listed or _('nobody')}")
    _draw_faults(running, state)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        _draw_latency(running, state)
    with right:
        _draw_fill(running)
    stats = state.get("stats", {})
    st.caption(
        _("{calls} calls so far, {peak} at a time at most.").format(
            calls=words.number(sum(stats.get("calls", {}).values())),
            peak=stats.get("peak_connections", 0),
        )
    )


@st.fragment(run_every="1s")
@errors.framed
def _wait(office: Office) -> None:
    """Draw the dial as soon as the practice Mailchimp, which starts beside the app, is there."""
    if practice.alive(office.settings) is not None:
        st.rerun()
    st.info(_("The practice Mailchimp is not running."), icon=":material/science:")


def _draw_faults(running: Practice, state: dict[str, Any]) -> None:
    known: dict[str, str] = state.get("known_faults", {})
    with st.container():
        for fault in state.get("faults", []):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge(f"{fault['name']} · {words.share(fault['rate'], 1)}", color="red")
                st.caption(said(known.get(fault["name"], "")), width="stretch")
        if state.get("faults"):
            _draw_button(running, "calm", _("Everything works again"), "faults", {"faults": []})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(_("What goes wrong"), list(known), key=_FAULT, width=260)
        rate = st.slider(_("How often, in per cent"), 0, 100, 10, 5, key=_RATE, width=260)
        kept = [f"{one['name']}={one['rate']}" for one in state.get("faults", [])]
        wanted = {"faults": [*kept, f"{name}={rate / 100}"]}
        _draw_button(running, "set", _("Turn the dial"), "faults", wanted)
    st.caption(said(known.get(str(name), "")))


def _draw_latency(running: Practice, state: dict[str, Any]) -> None:
    usual = float(state.get("latency", {}).get("usual", 0.0))
    seconds = st.slider(_("Seconds a call takes"), 0.0, 5.0, min(usual, 5.0), 0.1, key=_LATENCY)
    _draw_button(running, "latency.set", _("Set"), "latency", {"usual": seconds})


def _draw_fill(running: Practice) -> None:
    members = st.number_input(_("Members to add"), 1, 1_000_000, 10_000, 1_000, key=_FILL)
    _draw_button(running, "fill.add", _("Fill the audience"), "fill", {"members": int(members)})


def _draw_button(
    running: Practice, key: str, label: str, path: str, body: Mapping[str, object]
) -> None:
    st.button(label, key=f"dial.{key}", on_click=dialogs.stay, args=(_post, running, path, body))


def _get(running: Practice) -> dict[str, Any]:
    try:
        found: dict[str, Any] = requests.get(f"{running.url}/practice/", timeout=_TIMEOUT_S).json()
    except (requests.RequestException, ValueError):
        raise _gone() from None
    return found


def _post(running: Practice, path: str, body: Mapping[str, object]) -> None:
    require(person.who(), Action.EDIT_SYSTEM)
    try:
        reply = requests.post(f"{running.url}/practice/{path}", json=body, timeout=60.0)
    except requests.RequestException:
        raise _gone() from None
    if not reply.ok:
        raise SetupError(_("The practice Mailchimp does not take this setting."))


def _gone() -> SetupError:
    return SetupError(_("The practice Mailchimp does not answer; start Muster again."))
