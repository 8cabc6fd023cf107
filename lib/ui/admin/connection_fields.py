"""What is typed about a connection: the fields its dialogs share, and what stands in them."""

from collections.abc import Callable

import streamlit as st

from lib.ui import dialogs, person
from lib.ui.text import _

NAME, USER, SELF = "connection.name", "connection.user", "connection.self"
KEY, REFERENCE, URL = "connection.key", "connection.reference", "connection.url"
WAY, SHARED = "connection.way", "connection.shared"


def typed(key: str) -> str:
    """Return what stands in a field, trimmed."""
    return str(st.session_state.get(key, "")).strip()


def ticked(key: str) -> bool:
    """Say whether a box is ticked."""
    return bool(st.session_state.get(key))


def reference() -> str:
    """Return where the key is when it is kept elsewhere; empty when it is typed."""
    return typed(REFERENCE) if st.session_state.get(WAY) == "reference" else ""


def draw_key() -> None:
    """Draw the field of the API key."""
    st.text_input(
        _("API key"),
        key=KEY,
        type="password",
        autocomplete="off",
        help=_("In Mailchimp: profile, Extras, API keys. It is kept encrypted, and never shown."),
    )


def draw_reference() -> None:
    """Draw the field that says where the key is."""
    st.text_input(
        _("Where the key is"),
        key=REFERENCE,
        placeholder="env:MAILCHIMP_KEY",
        help=_(
            "env:MAILCHIMP_… is an environment variable, secret:NAME is in the table [mailchimp] "
            "of secrets.toml, command:NAME is one of the setting secret_commands."
        ),
    )


def draw_address(address: str = "") -> None:
    """Draw the field of the API's address."""
    st.text_input(
        _("API address"),
        value=address,
        key=URL,
        placeholder="https://us6.api.mailchimp.com",
        help=_("Leave it empty for Mailchimp: the end of the key tells the data centre."),
    )


def draw_user(address: str) -> None:
    """Draw the choice of the export user: oneself, or somebody named by an address."""
    own = address == person.who().email
    mine = st.checkbox(
        _("Add yourself as export user"),
        value=own,
        key=SELF,
        help=_("On whose behalf scheduled exports read the profiles."),
    )
    if not mine:
        st.text_input(_("Export user"), value="" if own else address, key=USER)


def user() -> str:
    """Return the address of the export user."""
    return person.who().email if ticked(SELF) else typed(USER)


def draw_shared(*, shared: bool = False) -> None:
    """Draw the box that shares it with contributors."""
    st.checkbox(
        _("Contributors may use it too"),
        value=shared,
        key=SHARED,
        help=_("They see its name and can export over it. The key is shown to nobody."),
    )


def draw_save(label: str, action: Callable[[], object]) -> None:
    """Draw the button that does the work of the dialog and closes it."""
    dialogs.draw_finish(label, action, key="connection.save")
