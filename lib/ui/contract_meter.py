"""The meter of the contract with Mailchimp, and what a plan does to it."""

import streamlit as st

from lib.runs.contract import Room
from lib.ui import words
from lib.ui.text import _


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
