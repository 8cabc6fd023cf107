"""Review: what an export would do to each contact, before anything is sent."""

import streamlit as st

from lib.access import Action, may
from lib.runs import desk
from lib.store import exports, plans, runs
from lib.store.plans import PlanState
from lib.ui import place, session
from lib.ui.exports import export_choice
from lib.ui.markdown import literal
from lib.ui.runs import contract_meter, forecast, halted, plan_card, plan_download, push_dialog
from lib.ui.text import _, said

office = place.office()
listed = {export.id: export for export in exports.all(office.store, office.who)}
allowed = may(office.who, Action.RUN_EXPORTS)

push_dialog.leave_when_started()
st.title(_("Review"))
st.caption(_("A plan says what would happen to each contact. Nothing is sent until you say yes."))
if not listed:
    st.info(_("There is no export to review yet."), icon=":material/tune:")
    st.page_link("pages/exports/setup.py", label=_("Set up an export"), icon=":material/add:")
    st.stop()

export_choice.follow_link(listed)
export = export_choice.draw(listed, key="review.export", new=False)
assert export is not None
session.choose(export_id=export.id)
export_choice.link(export)
made = plans.of_export(office.store, office.who, export.id, limit=1)
plan = made[0] if made else None
making = plan is not None and plan.state is PlanState.MAKING
live = [run for run in runs.live(office.store, office.who) if run.export_id == export.id]

with st.container(horizontal=True):
    st.button(
        _("Make a new plan") if plan else _("Make the plan"),
        key="review.plan",
        type="secondary" if plan and plan.state is PlanState.READY else "primary",
        icon=":material/fact_check:",
        disabled=making or not allowed or export.connection_id is None,
        on_click=plan_card.propose,
        args=(office, export.id),
    )
    push, download = st.container(width="content"), st.container(width="content")
    if st.button(_("Edit the export"), key="review.edit", icon=":material/tune:", type="tertiary"):
        st.switch_page("pages/exports/setup.py")

if export.connection_id is None:
    st.warning(
        _("This export has no connection. Edit it and choose one."), icon=":material/link_off:"
    )
if live:
    st.info(_("A run of this export is under way."), icon=":material/sync:")
    st.page_link("pages/exports/runs.py", label=_("Watch it"), icon=":material/visibility:")

if plan is None:
    st.info(
        _(
            "Making the plan reads the segments and the audience, compares them contact by "
            "contact, and sends nothing. A million profiles take a minute or two."
        ),
        icon=":material/fact_check:",
    )
elif making:
    plan_card.draw_making(office, plan.id)
elif plan.state is PlanState.FAILED:
    st.error(literal(said(plan.message)), icon=":material/error:")
else:
    found = forecast.of(plan)
    current = halted.draw(office, plan) and plan_card.draw_age(plan, export)
    if found.over_limit:
        plan_card.draw_over(found, office.settings.export_limit)
    push.button(
        _("Approve and undo …") if plan.undoes else _("Approve and push …"),
        key="review.push",
        type="primary",
        icon=":material/undo:" if plan.undoes else ":material/send:",
        disabled=not (current and allowed and found.sending) or bool(found.over_limit or live),
        on_click=push_dialog.ask,
    )
    with download:
        plan_download.draw(desk.plan_file(plan), found.contacts, export.name)
    contract_meter.draw_effect(office, plan)
    plan_card.draw_forecast(plan, found, plan_card.rate_of(office, export))
    push_dialog.draw(office, export, plan, found)
