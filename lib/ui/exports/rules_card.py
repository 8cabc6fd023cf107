"""The approval of an export's rules: a person's word that it may send without asking."""

import streamlit as st

from lib.config import Office
from lib.store import rules
from lib.store.exports import Export
from lib.ui import errors, moments
from lib.ui.exports import guard_form
from lib.ui.markdown import literal
from lib.ui.text import _, said


def draw(office: Office, export: Export, *, unsaved: bool) -> None:
    """Draw whether the rules are approved, what that means, and the button that does it.

    Args:
        office: where, and who; they may manage the export.
        export: as it is saved.
        unsaved: the page holds changes that are not saved yet.
    """
    with st.container(border=True, key="setup.rules"):
        st.subheader(_("May it send without asking?"))
        draw_state(office, export)
        if export.rules_approved:
            st.button(
                _("Withdraw the approval"),
                key="setup.withdraw",
                icon=":material/front_hand:",
                on_click=_withdraw,
                args=(office, export.id),
            )
            return
        st.markdown(
            _(
                "If you approve these rules, from now on scheduled runs, and *Run now* on the list "
                "of exports, send without asking, within these guard rails:"
            )
        )
        st.markdown("\n".join(f"- {line}" for line in guard_form.lines(export.guard)))
        st.caption(
            _(
                "A run that would break one of them is stopped before it sends anything, and asks "
                "you. A change of what the export sends, of a segment or of a guard rail lets the "
                "approval lapse."
            )
        )
        if unsaved:
            st.caption(_(":orange[:material/edit: You changed something: save it, then approve.]"))
        st.button(
            _("Approve these rules"),
            key="setup.approve",
            type="primary",
            icon=":material/verified_user:",
            disabled=unsaved,
            on_click=_approve,
            args=(office, export.id, export.revision),
        )


def draw_state(office: Office, export: Export) -> None:
    """Say who approved the rules and when, or that this lapsed or was never done."""
    if export.rules_approved_by is None or export.rules_approved_at is None:
        st.markdown(
            _(
                ":material/front_hand: Nobody has approved its rules, so it does not run by "
                "itself: each plan waits for a yes."
            )
        )
        return
    facts = {
        "who": literal(said(export.rules_approved_by)),
        "when": moments.said(export.rules_approved_at, office.settings.time_zone),
    }
    if export.rules_approved:
        st.markdown(
            _(
                ":green[:material/verified_user:] **{who}** approved its rules {when}: scheduled "
                "runs send without asking, within the guard rails."
            ).format(**facts)
        )
    else:
        st.warning(
            _(
                "The approval has lapsed: **{who}** approved the rules {when}, and the export, one "
                "of its segments or a guard rail was changed since. Until somebody approves them "
                "again, it does not run by itself."
            ).format(**facts),
            icon=":material/update:",
        )


def _approve(office: Office, export_id: str, revision: int) -> None:
    errors.attempt(rules.approve_rules, office.store, office.who, export_id, revision=revision)


def _withdraw(office: Office, export_id: str) -> None:
    errors.attempt(rules.withdraw_rules, office.store, office.who, export_id)
