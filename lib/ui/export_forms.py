"""The dialogs of an export, and saving it."""

import streamlit as st

from lib.config import Office
from lib.config import exports as config_exports
from lib.config.exports import Draft
from lib.store import exports
from lib.store.exports import Export
from lib.ui import dialogs, errors, resources, session
from lib.ui.text import _

_SAVED = "setup.saved"
_NAME = "export.copy.name"


def save(office: Office, draft: Draft, ref: str, name_key: str) -> None:
    """Check and save an export, then open it; for callbacks.

    Args:
        office: where, and who.
        draft: what was on the page when it was drawn.
        ref: the export that is edited; empty makes a new one.
        name_key: widget of the name, which may have been typed a moment ago.
    """

    def work() -> None:
        name = str(st.session_state.get(name_key, ""))
        wanted = Draft(
            name,
            draft.connection,
            draft.audience_id,
            draft.matching,
            draft.segments,
            draft.options,
            draft.schedule,
        )
        made = config_exports.save(office, resources.warehouse(), wanted, ref=ref)
        opened(made)
        st.session_state[_SAVED] = made.name

    errors.attempt(work)


def opened(export: Export) -> None:
    """Open an export on the page, with what was saved in its widgets; for callbacks."""
    session.choose(export_id=export.id)


def draw_saved() -> None:
    """Say once that it was saved, and what comes next."""
    if name := st.session_state.pop(_SAVED, ""):
        st.success(
            _("“{name}” is saved. Nothing was sent.").format(name=name),
            icon=":material/check_circle:",
        )
        st.page_link(
            "pages/exports/review.py",
            label=_("Review what it would do"),
            icon=":material/fact_check:",
        )


def draw_actions(export: Export | None, *, allowed: bool) -> None:
    """Draw what can be done with a saved export."""
    for name, label, icon in (
        ("duplicate", _("Duplicate"), ":material/content_copy:"),
        ("remove", _("Remove"), ":material/delete:"),
    ):
        st.button(
            label,
            key=f"setup.{name}",
            icon=icon,
            type="tertiary",
            disabled=export is None or not allowed,
            on_click=dialogs.ask,
            args=(f"export.{name}",),
        )


def draw(office: Office, export: Export | None) -> None:
    """Draw the dialog that was asked for, if any."""
    if export is None:
        return
    if dialogs.asked("export.duplicate"):
        dialogs.draw(_("Duplicate export"), _duplicate, office, export)
    elif dialogs.asked("export.remove"):
        dialogs.draw(_("Remove export"), _remove, office, export)


def _duplicate(office: Office, export: Export) -> None:
    copy = _("{name} (copy)").format(name=export.name)
    st.text_input(_("Name of the copy"), value=copy, key=_NAME, max_chars=100)
    st.caption(_("The copy has the same audience, data matching and segments. It sends nothing."))
    st.button(
        _("Duplicate"),
        key="export.save",
        type="primary",
        on_click=dialogs.finish,
        args=(_copy, office, export.id),
    )


def _remove(office: Office, export: Export) -> None:
    st.write(
        _(
            "Remove “{name}”? Contacts in Mailchimp stay as they are, and its runs stay in the "
            "history."
        ).format(name=export.name)
    )
    st.button(
        _("Remove"),
        key="export.save",
        type="primary",
        on_click=dialogs.finish,
        args=(_delete, office, export.id),
    )


def _copy(office: Office, export_id: str) -> None:
    name = str(st.session_state.get(_NAME, ""))
    opened(exports.duplicate(office.store, office.who, export_id, name))


def _delete(office: Office, export_id: str) -> None:
    exports.remove(office.store, office.who, export_id)
    session.choose(export_id="")
