"""The meter of the contract with Mailchimp, and what a plan does to it."""

import streamlit as st

from lib.access import Action, may
from lib.config import Office
from lib.errors import RefusedError
from lib.runs import contract
from lib.runs.contract import Room
from lib.store import consent, exports
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
            allowed = consent.contract(office.store, office.who, connection)
        except RefusedError:
            return
        if allowed.limit is not None:
            held = _held(office, connection)
            adds = int(plan.counts.get("fates", {}).get("added", 0))
            draw(Room(allowed.limit, allowed.blocks, held, adds))


@st.cache_data(show_spinner=False, ttl="1m", max_entries=100)
def _held(_office: Office, connection: str) -> int:
    return contract.held(_office.store, _office.settings, _office.who, connection)


def draw(room: Room) -> None:
    """Draw ``22,790 + 4,214 of 25,000``, and what follows when that is too many."""
    held, adds, limit = (words.number(one) for one in (room.held, room.adds, room.limit))
    text = (
        _("**{held} + {adds}** of {limit} contacts of the contract")
        if room.adds
        else _("**{held}** of {limit} contacts of the contract")
    ).format(held=held, adds=adds, limit=limit)
    st.progress(min(1.0, (room.held + room.adds) / room.limit), text=text)
    if room.over:
        over = _("{over} contacts more than the contract with Mailchimp allows.").format(
            over=words.number(room.over)
        )
        if room.blocks:
            st.error(over + " " + _("Such a plan is refused."), icon=":material/block:")
        else:
            st.warning(over + " " + _("Mailchimp may charge for them."), icon=":material/payments:")
