"""Purging one person's data, on the System page: the address, a second yes, the receipt."""

import streamlit as st

from lib.config import Office
from lib.runs.keeping import purge
from lib.runs.keeping.purge import Receipt
from lib.ui import dialogs, words
from lib.ui.markdown import literal
from lib.ui.text import _

_ADDRESS, _DONE = "purge.address", "purge.done"


def draw(office: Office) -> None:
    """Draw the way to the question, and the receipt of what was purged last."""
    st.button(
        _("Purge a person’s data"),
        key="purge.new",
        icon=":material/person_remove:",
        on_click=dialogs.ask,
        args=("purge",),
    )
    if done := st.session_state.pop(_DONE, None):
        _draw_receipt(done)
    if dialogs.asked("purge"):
        dialogs.draw(_("Purge a person’s data"), _question, office)


def _question(office: Office) -> None:
    st.write(
        _(
            "Every trace of this person is removed from what Muster keeps: plans, runs, local "
            "copies of audiences and sources, rejections, the history of queries. That cannot be "
            "undone. Your sources and Mailchimp are left alone: remove the person there as well."
        )
    )
    st.text_input(_("Address"), key=_ADDRESS, autocomplete="off")
    dialogs.draw_finish(_("Purge"), _purge, office, key="purge.save")


def _purge(office: Office) -> None:
    typed = str(st.session_state.get(_ADDRESS, ""))
    receipt = purge.purge_person(office.store, office.settings, office.who, typed)
    st.session_state[_DONE] = _told(receipt)


def _told(receipt: Receipt) -> list[str]:
    """Write the receipt as lines: the session holds no objects of ours."""
    lines = [
        _("Purged: {rows} rows of {files} files, {rejections} rejections, {queries} queries. "
          "Receipt {id} lies in the state directory.").format(
            rows=words.number(receipt.rows), files=words.number(receipt.files),
            rejections=words.number(receipt.rejections), queries=words.number(receipt.queries),
            id=receipt.id)
    ]  # fmt: skip
    if receipt.segments:
        lines.append(
            _("These segments hold the address, change them: {names}.").format(
                names=", ".join(receipt.segments)
            )
        )
    if receipt.sources:
        lines.append(
            _(
                "These sources hold the person: {names}. Remove the person there, or they come "
                "back when the source changes."
            ).format(names=", ".join(receipt.sources))
        )
    if receipt.unread:
        lines.append(
            _("These sources could not be looked at: {names}.").format(
                names=", ".join(receipt.unread)
            )
        )
    if receipt.audit_entries:
        lines.append(_("The audit log holds the address and cannot be changed."))
    return lines


def _draw_receipt(lines: list[str]) -> None:
    st.success(literal(lines[0]), icon=":material/receipt_long:")
    for line in lines[1:]:
        st.warning(literal(line), icon=":material/edit_note:")
