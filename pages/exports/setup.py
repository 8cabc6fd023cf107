"""Set up: connection, audience, segments, data matching and options of an export."""

import streamlit as st

from lib.access import Action, may
from lib.config.exports import Draft
from lib.contacts.suggest import suggest
from lib.store import exports
from lib.ui import (
    contact_preview,
    destination,
    errors,
    export_choice,
    export_forms,
    matching,
    picking,
    place,
    trial,
    wishes,
)
from lib.ui.text import _

office = place.office()
allowed = may(office.who, Action.EDIT_EXPORTS)
listed = {export.id: export for export in exports.all(office.store, office.who)}

st.title(_("Set up an export"))
st.caption(_("Saving sends nothing. What it would do is on the review page."))
export_forms.draw_saved()
if listed:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        export = export_choice.draw(listed, key="setup.export", new=True)
        export_forms.draw_actions(export, allowed=allowed)
else:
    export = None
prefix = f"setup.{export.id}.{export.revision}" if export else "setup.new"
export_forms.draw(office, export)

with st.container(border=True, key="setup.where"):
    st.subheader(_("Where to"))
    target = destination.draw(office, prefix, export)
with st.container(border=True, key="setup.who"):
    st.subheader(_("Who"))
    picked = picking.draw(office, prefix, export)

wanted_matching, options = None, None
if target and picked:
    prefix_here = f"{prefix}.{target.audience.id}"
    held = export.matching if export and export.audience_id == target.audience.id else None
    with st.container(border=True, key="setup.what"):
        st.subheader(_("Data matching"))
        supply = trial.supply(trial.named(picked))
        suggestions = suggest(supply.columns, supply.sample, target.fields)
        wanted_matching = matching.draw(
            prefix_here, supply.columns, target.fields, suggestions, held
        )
    with st.container(border=True, key="setup.options"):
        st.subheader(_("Options"))
        options = wishes.draw(prefix_here, export.options if export else None, target.audience)
    if wanted_matching:
        with st.container(border=True, key="setup.preview"), errors.frame():
            st.subheader(_("Contacts as Mailchimp will get them"))
            with st.spinner(_("Trying it on real profiles …")):
                found = trial.run(trial.named(picked), wanted_matching, target.fields, options)
            contact_preview.draw(found, target.fields, tagged=options.tag_segments)
else:
    st.caption(_("Choose an audience and a segment, and data matching appears here."))

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.text_input(
        _("Name of the export"),
        value=export.name if export else "",
        key=f"{prefix}.name",
        max_chars=100,
        persist_state="session",
        placeholder=_("Newsletter, every Monday"),
        width=420,
    )
    ready = bool(target and picked and wanted_matching and options)
    st.button(
        _("Save"),
        key="setup.save",
        type="primary",
        icon=":material/save:",
        disabled=not (ready and allowed),
        help=_("Saves the set-up; nothing is sent."),
        on_click=export_forms.save,
        args=(
            office,
            Draft(
                "",
                target.connection_id if target else "",
                target.audience.id if target else "",
                wanted_matching,
                tuple(segment.id for segment in picked),
                options,
                export.schedule if export else "",
            )
            if target and wanted_matching and options
            else None,
            export.id if export else "",
            f"{prefix}.name",
        ),
    )
