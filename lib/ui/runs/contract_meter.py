"""The meter of the contract with Mailchimp, and what a plan does to it."""

import streamlit as st

from lib.access import Action, Person, may
from lib.config import Office
from lib.errors import RefusedError
from lib.runs import contract
from lib.runs.contract import Room
from lib.settings import Settings
from lib.store import Store, exports
from lib.store.plans import Plan
from lib.ui import errors, words
from lib.ui.text import _


def draw_effect(office: Office, plan: Plan) -> None:
    """Draw what a plan does to the contract, for whoever may push it; nothing without a limit."""
    connection = exports.get(office.store, office.who, plan.export_id).connection_id
    if connection is None or not may(office.who, Action.RUN_EXPORTS):
        return
    # Who may not use the connection cannot push the plan either, and is told so there.
    with errors.frame():
        try:
            found = contract.room(office.store, office.settings, office.who, plan, count=_held)
        except RefusedError:
            return
        if found is not None:
            draw(found)


@st.cache_data(show_spinner=False, ttl="1m", max_entries=100)
def _held(_store: Store, _settings: Settings, _who: Person, connection: str) -> int:
    return contract.held(_store, _settings, _who, connection)


def draw(room: Room) -> None:
    """Draw ``22,790 + 4,214 of 25,000``, and what follows when that is too many."""
    shown = (room.held + room.coming, room.adds, room.limit)
    held, adds, limit = (words.number(one) for one in shown)
    text = (
        _("**{held} + {adds}** of {limit} contacts of the contract")
        if room.adds
        else _("**{held}** of {limit} contacts of the contract")
    ).format(held=held, adds=adds, limit=limit)
    whole = room.held + room.coming + room.adds
    st.progress(min(1.0, whole / room.limit), text=text)
    if room.coming:
        coming = words.number(room.coming)
        st.caption(_("Other runs are adding {coming} of them now.").format(coming=coming))
    if room.over:
        over = _("{over} contacts more than the contract with Mailchimp allows.").format(
            over=words.number(room.over)
        )
        if room.blocks:
            st.error(over + " " + _("Such a plan is refused."), icon=":material/block:")
        else:
            st.warning(over + " " + _("Mailchimp may charge for them."), icon=":material/payments:")
