"""Segments: all of them, how large they are, who is in them."""

import streamlit as st

from lib.access import Action, may
from lib.store import segments as kept
from lib.ui import dialogs, person, resources, session
from lib.ui.segments import segment_card, segment_forms, shelf, sizes
from lib.ui.text import _

store, who = resources.store(), person.who()
editable = may(who, Action.EDIT_SEGMENTS)
segments = kept.all(store, who)


def build() -> None:
    session.choose(segment_id="")
    st.switch_page("pages/segments/builder.py")


st.title(_("All segments"))
st.caption(_("A segment is a named, saved set of profiles. Exports send segments."))
with st.container(horizontal=True):
    st.button(
        _("Build from rules"),
        key="library.build",
        type="primary",
        icon=":material/rule:",
        disabled=not editable,
        on_click=build,
    )
    st.button(
        _("Write SQL"),
        key="library.write",
        icon=":material/code:",
        disabled=not editable,
        on_click=dialogs.ask,
        args=("segment.new",),
    )
    if segments:
        st.button(
            _("Count again"),
            key="library.recount",
            icon=":material/refresh:",
            type="tertiary",
            help=_("Sizes are kept until the data or the segment change; this counts anew."),
            on_click=sizes.forget,
        )

if not segments:
    st.info(
        _(
            "There is no segment yet. Build one from rules such as “country is Norway”, or write "
            "the SQL yourself. A query you like on the query page can be saved as a segment too."
        ),
        icon=":material/bookmarks:",
    )
else:
    with st.spinner(_("Counting segments …"), show_time=True):
        counted = sizes.counted(store, who, segments)
    chosen = shelf.draw(store, who, segments, counted)
    if len(chosen) == 1:
        segment_card.draw(chosen[0], counted[chosen[0].id], editable=editable)
    elif chosen:
        segment_card.draw_union(chosen, counted)
    else:
        st.caption(
            _("Tick one segment to see who is in it, or several to see how they add up together.")
        )

segment_forms.draw()
