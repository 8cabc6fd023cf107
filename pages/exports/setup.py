"""Set up: where an export goes, whom it sends, what of them, when, and within which rails."""

import streamlit as st

from lib.access import Action, may
from lib.config import schedule
from lib.config.exports import Draft
from lib.contacts.suggest import suggest
from lib.ui import errors, place
from lib.ui.exports import (
    contact_preview,
    destination,
    export_acts,
    export_choice,
    export_dialogs,
    export_forms,
    export_view,
    matching,
    picking,
    rules_card,
    trial,
    wishes,
)
from lib.ui.exports.export_forms import Wish
from lib.ui.text import _

office = place.office()
allowed = may(office.who, Action.EDIT_EXPORTS)
standings = {one.export.id: one for one in schedule.overview(office)}

st.title(_("Set up an export"))
st.caption(_("Saving sends nothing. What it would do is on the review page."))
export_forms.draw_saved()
export_acts.draw_told()
# Each part keeps its place while others come and go, or it would be seen twice meanwhile.
chooser, where, who, what, beyond, preview, rails, last = (st.container() for part in range(8))
standing = None
if standings:
    listed = {ref: one.export for ref, one in standings.items()}
    with chooser, st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = export_choice.draw(listed, key="setup.export", new=allowed)
        standing = standings[chosen.id] if chosen else None
        if standing and standing.permission == "manage":
            export_forms.draw_actions(chosen)
export_view.draw_refusal(office, standing)
if not allowed or (standing and standing.permission == "view"):
    if standing:
        export_view.draw(office, standing)
    st.stop()

export = standing.export if standing else None
prefix = f"setup.{export.id}.{export.revision}" if export else "setup.new"
if standing:
    export_dialogs.draw(office, [standing])

with where, st.container(border=True, key="setup.where"):
    st.subheader(_("Where to"))
    target = destination.draw(office, prefix, export)
with who, st.container(border=True, key="setup.who"):
    st.subheader(_("Who"))
    picked = picking.draw(office, prefix, export)

wish = None
if target and picked:
    prefix_here = f"{prefix}.{target.audience.id}"
    held = export.matching if export and export.audience_id == target.audience.id else None
    with what, st.container(border=True, key="setup.what"):
        st.subheader(_("Data matching"))
        supply = trial.supply(trial.named(picked))
        suggestions = suggest(supply.columns, supply.sample, target.fields)
        matched = matching.draw(prefix_here, supply.columns, target.fields, suggestions, held)
        matching.draw_missing(supply.offer)
    with beyond, st.container(border=True, key="setup.options"):
        st.subheader(_("Options"))
        options = wishes.draw(prefix_here, export.options if export else None, target.audience)
    if matched:
        with preview, st.container(border=True, key="setup.preview"), errors.frame():
            st.subheader(_("Contacts as Mailchimp will get them"))
            with st.spinner(_("Trying it on real profiles …")):
                found = trial.run(trial.named(picked), matched, target.fields)
            contact_preview.draw(found, target.fields, tagged=options.tag_segments)
    with rails:
        rules = export_forms.draw_rules(office, prefix, export)
    if matched:
        refs = tuple(segment.id for segment in picked)
        draft = Draft("", target.connection_id, target.audience.id, matched, refs, options)
        wish = Wish(draft, rules)
else:
    what.caption(_("Choose an audience and a segment, and data matching appears here."))

with last:
    export_forms.draw_save(office, prefix, export, wish)
if export:
    rules_card.draw(office, export, unsaved=wish is None or wish.differs(export))
