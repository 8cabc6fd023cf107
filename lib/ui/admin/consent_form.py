"""Consent to data leaving over a connection: its words, giving it, withdrawing it."""

import streamlit as st

from lib.errors import InputError
from lib.store import consent
from lib.store.connections import Connection
from lib.ui import place, words
from lib.ui.admin.connection_fields import draw_save, ticked
from lib.ui.text import _, said

AGREED = "connection.agreed"


def draw_terms() -> None:
    """Draw what a person agrees to, and the box to agree."""
    with st.container(border=True):
        st.markdown(":small[" + _terms() + "]")
        st.checkbox(_("I agree"), key=AGREED)


def draw(connection: Connection) -> None:
    """Draw who agreed and the way back, or the way to agree again."""
    if connection.agreed_at is None:
        draw_terms()
        draw_save(_("Agree again"), lambda: _agree(connection.id))
        return
    st.write(_terms())
    st.caption(
        _("{who} agreed on {day}.").format(
            who=said(connection.agreed_by or ""), day=words.day(connection.agreed_at)
        )
    )
    st.warning(
        _("Withdrawing stops what is being sent over “{name}”, at once.").format(
            name=connection.name
        ),
        icon=":material/block:",
    )
    draw_save(_("Withdraw consent"), lambda: _withdraw(connection.id))


def _terms() -> str:
    return _(
        "Exports over this connection hand contact data, possibly personal data, to Mailchimp. "
        "They then lie outside this installation and its protection. Your organisation answers "
        "for having the right to pass them on, and for Mailchimp meeting the duties you have. An "
        "administrator can withdraw this consent at any time; nothing is sent from then on."
    )


def _agree(connection_id: str) -> None:
    if not ticked(AGREED):
        raise InputError(_("Read what it means, and tick “I agree”."))
    office = place.office()
    consent.agree(office.store, office.who, connection_id)


def _withdraw(connection_id: str) -> None:
    office = place.office()
    consent.withdraw(office.store, office.who, connection_id)
