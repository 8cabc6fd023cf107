"""System: worker, sources, storage, versions, and the dial of the practice Mailchimp."""

import streamlit as st

from lib.access import Action, may
from lib.ui import channel_list, errors, health, place, practice_dial, purge_form, source_list
from lib.ui.text import _

office = place.office()
administrator = may(office.who, Action.EDIT_SYSTEM)

st.title(_("System"))
with st.container(border=True, key="system.worker.box"):
    st.subheader(_("Worker"))
    st.caption(_("It makes plans and carries out runs, whether or not somebody looks at them."))
    health.draw_worker(office)

with st.container(border=True, key="system.sources"), errors.frame():
    st.subheader(_("Sources"))
    source_list.draw(office)

with st.container(border=True, key="system.notices"), errors.frame():
    st.subheader(_("Notices"))
    channel_list.draw(office)

if office.settings.practice and administrator:
    with st.container(border=True, key="system.practice"), errors.frame():
        st.subheader(_("Practice Mailchimp"))
        st.caption(_("Make it fail on purpose, and see that nothing is lost."))
        practice_dial.draw(office)

if administrator:
    with st.container(border=True, key="system.people"), errors.frame():
        st.subheader(_("Contact data"))
        purge_form.draw(office)

left, right = st.columns(2)
with left, st.container(border=True, key="system.storage", height="stretch"):
    st.subheader(_("Storage"))
    health.draw_storage(office.settings.state)
with right, st.container(border=True, key="system.versions", height="stretch"):
    st.subheader(_("Versions"))
    st.table(health.versions(), border="horizontal", width="content", alt=_("Versions"))
