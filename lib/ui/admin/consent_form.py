"""Consent to data leaving over a connection: its words, giving it, withdrawing it."""

import streamlit as st

from lib.errors import InputError
from lib.store import agreement, consent
from lib.store.connections import Connection
from lib.ui import place, words
from lib.ui.admin.connection_fields import draw_save, ticked
from lib.ui.markdown import literal
from lib.ui.text import _, said

AGREED = "connection.agreed"


def draw_terms() -> None:
    """Draw what a person agrees to, and the box to agree."""
    with st.container(border=True):
        st.markdown(f"**{_('Data privacy and compliance')}**")
        st.markdown(f":small[{said(agreement.TERMS)}]")
        st.checkbox(_("I agree"), key=AGREED)


def draw(connection: Connection) -> None:
    """Draw who agreed to what and the way back, or the way to agree again."""
    if connection.agreed_at is None:
        _draw_way_back(connection)
        return
    st.write(said(connection.agreed_terms) or _("The wording was not kept at that time."))
    st.caption(literal(_told(connection, words.day(connection.agreed_at))))
    st.warning(
        _("Withdrawing stops what is being sent over “{name}”, at once.").format(
            name=literal(connection.name)
        ),
        icon=":material/block:",
    )
    draw_save(_("Withdraw consent"), lambda: _withdraw(connection.id))


def _draw_way_back(connection: Connection) -> None:
    if connection.practice:
        st.write(said(agreement.NONE_NEEDED))
    else:
        draw_terms()
    draw_save(_("Agree again"), lambda: _agree(connection))


def _told(connection: Connection, day: str) -> str:
    who = said(connection.agreed_by or "")
    if not connection.agreed_terms:
        return _("{who} agreed on {day}.").format(who=who, day=day)
    version = agreement.version(connection.agreed_terms)
    return _("{who} agreed to this wording ({version}) on {day}.").format(
        who=who, version=version, day=day
    )


def _agree(connection: Connection) -> None:
    if not (ticked(AGREED) or connection.practice):
        raise InputError(_("Read what it means, and tick “I agree”."))
    office = place.office()
    consent.agree(office.store, office.who, connection.id)


def _withdraw(connection_id: str) -> None:
    office = place.office()
    consent.withdraw(office.store, office.who, connection_id)
