"""Sign-in and roles: who you are here, and what each role may do."""

import streamlit as st

from lib.access import Action, may
from lib.ui import person
from lib.ui.frame import sign_in
from lib.ui.text import _

who = person.who()

st.title(_("Sign-in and roles"))
if person.sign_in_configured():
    st.markdown(
        _("You are **{name}**, {role}.").format(
            name=who.name, role=sign_in.role_names()[who.role].lower()
        )
    )
else:
    st.info(
        _(
            "Nobody signs in to this installation: it answers this machine only, and whoever opens "
            "it is its administrator. For others to use it, add an `[auth]` section to "
            "`.streamlit/secrets.toml`; `secrets.example.toml` shows how."
        ),
        icon=":material/lock_open:",
    )

with st.container(border=True, key="sign_in.rights"):
    st.subheader(_("What each role may do"))
    sign_in.draw_rights(who.role)
    st.caption(_("Contributors use the connections that an administrator shared with them."))

if may(who, Action.EDIT_SYSTEM) and person.sign_in_configured():
    with st.container(border=True, key="sign_in.roster"):
        st.subheader(_("Who has which role"))
        sign_in.draw_roster(person.roster())
