"""All exports: how each stands, when it ran and runs next, and what can be done to several."""

import streamlit as st

from lib.access import Action, may
from lib.config import schedule
from lib.store import refresh
from lib.ui import dialogs, place, session
from lib.ui.exports import (
    export_acts,
    export_bar,
    export_card,
    export_dialogs,
    export_list,
    run_dialog,
    schedule_dialog,
    standings,
)
from lib.ui.text import _

office = place.office()
allowed = may(office.who, Action.EDIT_EXPORTS)
listed = schedule.overview(office)


def begin() -> None:
    session.choose(export_id="")


title, new = st.columns([4, 1], vertical_alignment="bottom")
title.title(_("All exports"))
with new, st.container(horizontal_alignment="right"):
    if st.button(
        _("New export"),
        key="overview.new",
        type="primary",
        icon=":material/add:",
        disabled=not allowed,
        on_click=begin,
    ):
        st.switch_page("pages/exports/setup.py")
export_acts.draw_told()
if not listed:
    st.info(
        _(
            "There is no export yet. An export says which segments go to which audience of "
            "Mailchimp, and when. Saving one sends nothing."
        ),
        icon=":material/outbox:",
    )
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(standings.summary(listed))
    st.button(
        _("Run all scheduled …"),
        key="overview.run_all",
        type="tertiary",
        icon=":material/playlist_play:",
        disabled=not allowed,
        on_click=dialogs.ask,
        args=("export.run_all",),
    )
shown = export_list.narrow(listed)
bar = st.container()
if not shown:
    st.caption(_("No export fits."))
    st.stop()
chosen = export_list.draw(office, shown)
with bar:
    export_bar.draw(office, chosen, allowed=allowed)
if len(chosen) == 1:
    export_card.draw(office, chosen[0], refresh.get(office.store).cron)
elif not chosen:
    st.caption(_("Tick one export to see how it stands, or several to act on all of them."))
export_dialogs.draw(office, chosen)
schedule_dialog.draw(office, chosen)
run_dialog.draw(office, chosen, listed)
