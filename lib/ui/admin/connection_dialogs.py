"""The dialogs of connections: which of them is open, and about which connection."""

from collections.abc import Callable

import streamlit as st

from lib.store import connections
from lib.store.connections import Connection
from lib.ui import dialogs, place
from lib.ui.admin import (
    connection_change,
    connection_new,
    connection_removal,
    consent_form,
    mailchimp_sign_in,
)
from lib.ui.text import _

_CHOSEN = "connections.chosen"


def ask(name: str, connection_id: str = "") -> None:
    """Open a dialog in the run that follows; for callbacks.

    Args:
        name: ``new``, ``edit``, ``rotate``, ``renew``, ``consent`` or ``remove``.
        connection_id: about which; empty for a new one.
    """
    st.session_state[_CHOSEN] = connection_id
    mailchimp_sign_in.forget()
    dialogs.ask(f"connection.{name}")


def draw() -> None:
    """Draw the dialog that was asked for, if any."""
    if dialogs.asked("connection.new"):
        dialogs.draw(_("Connect a Mailchimp account"), connection_new.draw, width="medium")
        return
    for name, (title, form) in _forms().items():
        if dialogs.asked(f"connection.{name}"):
            office, ref = place.office(), str(st.session_state.get(_CHOSEN, ""))
            found = connections.get(office.store, office.who, ref)
            dialogs.draw(title, form, found, width="medium")


def _forms() -> dict[str, tuple[str, Callable[[Connection], None]]]:
    return {
        "edit": (_("Edit connection"), connection_change.draw_edit),
        "rotate": (_("New API key"), connection_change.draw_rotate),
        "renew": (_("Renew sign-in"), connection_change.draw_renew),
        "consent": (_("Consent"), consent_form.draw),
        "remove": (_("Remove connection"), connection_removal.draw),
    }
