"""What the set-up page holds, saving it, and what can be done with a saved export."""

from dataclasses import dataclass, replace
from zlib import crc32

import streamlit as st

from lib.config import Office
from lib.config import exports as config_exports
from lib.config.exports import Draft
from lib.store import exports, refresh, rules
from lib.store import guard as guards
from lib.store.exports import Export
from lib.store.guard import Guard
from lib.ui import dialogs, errors, resources, session
from lib.ui.exports import guard_form, schedule_form
from lib.ui.markdown import literal
from lib.ui.text import _

_SAVED = "setup.saved"
_NEW = "setup.new."


@dataclass(frozen=True, slots=True)
class Rules:
    """When an export runs by itself, and what it may do then."""

    schedule: str | None
    """None while it is none."""
    active: bool
    rails: Guard


@dataclass(frozen=True, slots=True)
class Wish:
    """An export as the page holds it."""

    draft: Draft
    rules: Rules

    def differs(self, export: Export) -> bool:
        """Say whether saving would change the export; its name is not looked at."""
        kept, wanted = export.matching, self.draft.matching
        return (
            (wanted.email, set(wanted.fields)) != (kept.email, set(kept.fields))
            or self.draft.connection != export.connection_id
            or self.draft.audience_id != export.audience_id
            or self.draft.segments != export.segment_ids
            or self.draft.options != export.options
            or self.rules != Rules(export.schedule, export.active, export.guard)
        )


def draw_rules(office: Office, prefix: str, export: Export | None) -> Rules:
    """Draw when it runs by itself, and its guard rails."""
    held = (
        Rules(export.schedule, export.active, export.guard)
        if export
        else Rules("", True, guards.USUAL)
    )
    # The list changes them too: what was saved there must not be hidden by what stood here.
    prefix = f"{prefix}.{crc32(repr(held).encode())}"
    with st.container(border=True, key="setup.when"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(_("When"), width="stretch")
            active = st.toggle(
                _("Switched on"),
                value=held.active,
                key=f"{prefix}.active",
                persist_state="session",
                help=_("Off: it keeps its schedule, but runs by hand only."),
            )
        schedule = schedule_form.draw(
            office, prefix, held.schedule or "", refresh.get(office.store)
        )
    with st.container(border=True, key="setup.rails"):
        st.subheader(_("Guard rails"))
        st.caption(_("They stop a run that nobody watches before it does something unusual."))
        rails = guard_form.draw(prefix, held.rails)
    return Rules(schedule, active, rails)


def draw_save(office: Office, prefix: str, export: Export | None, wish: Wish | None) -> None:
    """Draw the name and the button that saves; without a wish there is nothing to save yet."""
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
        st.button(
            _("Save"),
            key="setup.save",
            type="primary",
            icon=":material/save:",
            disabled=wish is None or wish.rules.schedule is None,
            help=_("Saves the set-up; nothing is sent."),
            on_click=save,
            args=(office, wish, export.id if export else "", f"{prefix}.name"),
        )


def save(office: Office, wish: Wish, ref: str, name_key: str) -> None:
    """Check and save an export, then open it; for callbacks.

    Args:
        office: where, and who.
        wish: what was on the page when it was drawn.
        ref: the export that is edited; empty makes a new one.
        name_key: widget of the name, which may have been typed a moment ago.
    """

    def work() -> None:
        name = str(st.session_state.get(name_key, ""))
        draft = replace(wish.draft, name=name, schedule=wish.rules.schedule or "")
        made = config_exports.save(office, resources.warehouse(), draft, ref=ref)
        if wish.rules.rails != made.guard:
            rules.set_guard(office.store, office.who, made.id, wish.rules.rails)
        if wish.rules.active is not made.active:
            exports.edit(office.store, office.who, made.id, active=wish.rules.active)
        session.choose(export_id=made.id)
        st.session_state[_SAVED] = made.name
        for key in [key for key in st.session_state if str(key).startswith(_NEW)]:
            del st.session_state[key]

    errors.attempt(work)


def draw_saved() -> None:
    """Say once that it was saved, and what comes next."""
    place = st.container()
    if name := st.session_state.pop(_SAVED, ""):
        place.success(
            _("“{name}” is saved. Nothing was sent.").format(name=literal(name)),
            icon=":material/check_circle:",
        )
        place.page_link(
            "pages/exports/review.py",
            label=_("Review what it would do"),
            icon=":material/fact_check:",
        )


def draw_actions(export: Export | None) -> None:
    """Draw what can be done with a saved export that the person may manage."""
    for name, label, icon in (
        ("duplicate", _("Duplicate"), ":material/content_copy:"),
        ("remove", _("Remove"), ":material/delete:"),
    ):
        st.button(
            label,
            key=f"setup.{name}",
            icon=icon,
            type="tertiary",
            disabled=export is None,
            on_click=dialogs.ask,
            args=(f"export.{name}",),
        )
