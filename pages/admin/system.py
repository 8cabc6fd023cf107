"""System: worker and queue, the refresh, sources, who is told, what is kept, and versions."""

import streamlit as st

from lib.access import Action, may
from lib.config.health import versions
from lib.ui import errors, place
from lib.ui.admin import (
    channel_list,
    health,
    practice_dial,
    purge_form,
    queue,
    refresh_card,
    retention_form,
    source_list,
)
from lib.ui.text import _

office = place.office()
administrator = may(office.who, Action.EDIT_SYSTEM)

st.title(_("System"))
# All of them are light, and switching between them needs no rerun.
work, coming, sources, told, kept, about = st.tabs(
    [
        _(":material/engineering: Worker"),
        _(":material/event_repeat: Schedule"),
        _(":material/database: Sources"),
        _(":material/notifications: Notices"),
        _(":material/inventory_2: Data kept"),
        _(":material/info: Versions"),
    ],
    key="system.part",
)
with work, errors.frame():
    st.caption(_("It makes plans and carries out runs, whether or not somebody looks at them."))
    queue.draw(office)
with coming, errors.frame():
    refresh_card.draw(office, editable=administrator)
with sources:
    with errors.frame():
        source_list.draw(office)
    if office.settings.practice and administrator:
        with st.container(border=True, key="system.practice"), errors.frame():
            st.subheader(_("Practice Mailchimp"))
            st.caption(_("Make it fail on purpose, and see that nothing is lost."))
            practice_dial.draw(office)
with told, errors.frame():
    channel_list.draw(office)
with kept, errors.frame():
    st.subheader(_("Storage"))
    health.draw_storage(office.settings.state)
    st.subheader(_("How long contacts are kept"))
    retention_form.draw(office, editable=administrator)
    if administrator:
        st.subheader(_("One person’s data"))
        purge_form.draw(office)
with about:
    st.table(versions(), border="horizontal", width="content", alt=_("Versions"))
