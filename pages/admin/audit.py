"""Audit: who did what, when, on what."""

import streamlit as st

from lib.access import Action, require
from lib.ui import place
from lib.ui.admin import audit_log
from lib.ui.text import _

office = place.office()

st.title(_("Audit"))
st.caption(
    _("Everything that was done, by whom. Entries are never changed; each seals those before it.")
)
require(office.who, Action.READ_AUDIT)
audit_log.draw(office)
