"""The dialog that removes a connection, with what becomes of the exports that use it."""

import streamlit as st

from lib.config import removal
from lib.store.connections import Connection
from lib.store.exports import Export
from lib.ui import dialogs, place
from lib.ui.admin import connection_fields
from lib.ui.markdown import literal
from lib.ui.text import _


def draw(connection: Connection) -> None:
    """Draw the removal, once no export uses it any more."""
    using = removal.users(place.office(), connection.id)
    if using:
        _draw_users(connection, using)
        return
    st.write(
        _(
            "Remove “{name}” and its key from Muster? Nothing in Mailchimp changes; revoke the "
            "key there as well if nobody else uses it."
        ).format(name=literal(connection.name))
    )
    connection_fields.draw_save(_("Remove"), lambda: _remove(connection.id))


def _draw_users(connection: Connection, using: tuple[Export, ...]) -> None:
    st.write(
        _(
            "These exports use “{name}”. Detach each to keep its set-up for another connection, "
            "or remove it."
        ).format(name=literal(connection.name))
    )
    for one in using:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{literal(one.name)}**", width="stretch")
            _draw_fates(one)
    if len(using) > 1:
        with st.container(horizontal=True, horizontal_alignment="right"):
            _draw_all(connection, _("Detach all"), "detach")
            _draw_all(connection, _("Remove all"), "remove")


def _draw_fates(export: Export) -> None:
    fates: tuple[tuple[str, removal.Fate], ...] = (
        (_("Detach"), "detach"),
        (_("Remove"), "remove"),
    )
    for label, fate in fates:
        st.button(
            label,
            key=f"connection.{fate}.{export.id}",
            on_click=dialogs.stay,
            args=(removal.let_go, place.office(), export.id, fate),
        )


def _draw_all(connection: Connection, label: str, fate: removal.Fate) -> None:
    st.button(
        label,
        key=f"connection.{fate}_all",
        on_click=dialogs.stay,
        args=(removal.part, place.office(), connection.id, fate),
    )


def _remove(connection_id: str) -> None:
    removal.remove(place.office(), connection_id)
