"""The dialogs that change a connection: its settings, its key, its sign-in."""

import streamlit as st

from lib.config import accounts as config_accounts
from lib.config.oauth import Wish
from lib.store import connections
from lib.store.connections import Connection
from lib.ui import accounts, dialogs, place
from lib.ui.admin import connection_fields as fields
from lib.ui.admin import mailchimp_sign_in
from lib.ui.markdown import literal
from lib.ui.text import _

_LIMIT, _BLOCKS = "connection.limit", "connection.blocks"


def draw_edit(connection: Connection) -> None:
    """Draw everything of a connection that can be changed but its key."""
    st.text_input(_("Display name"), value=connection.name, key=fields.NAME, max_chars=100)
    fields.draw_shared(shared=connection.shared)
    fields.draw_user(connection.export_user)
    st.number_input(
        _("Contacts that the contract with Mailchimp allows"),
        value=connection.contract_limit,
        min_value=1,
        step=1000,
        key=_LIMIT,
        placeholder=_("not known"),
    )
    st.checkbox(
        _("Refuse plans that exceed it, instead of warning"),
        value=connection.contract_blocks,
        key=_BLOCKS,
    )
    fields.draw_save(_("Save"), lambda: _change(connection.id))


def draw_rotate(connection: Connection) -> None:
    """Draw the way a new key takes the place of the old one."""
    st.write(
        _("The new key takes the place of the old one for “{name}”.").format(
            name=literal(connection.name)
        )
    )
    ways = {"key": _("API key"), "reference": _("Key kept elsewhere")}
    way = st.segmented_control(
        _("How Muster gets in"),
        list(ways),
        default="reference" if connection.auth == "reference" else "key",
        required=True,
        key=fields.WAY,
        format_func=lambda one: ways[one],
    )
    if way == "reference":
        fields.draw_reference()
    else:
        fields.draw_key()
    with st.expander(_("Advanced")):
        fields.draw_address(connection.api_url)
        st.caption(
            _(
                "At another address the same account must answer. Plans and rules of its exports "
                "then have to be approved again."
            )
        )
    fields.draw_save(_("Replace the key"), lambda: _replace(connection.id))


def draw_renew(connection: Connection) -> None:
    """Draw the way to sign in again."""
    if mailchimp_sign_in.draw_way():
        return
    st.write(
        _(
            "Sign in to the account of “{name}” once more, such as after Mailchimp or somebody "
            "there revoked the former sign-in. Nothing else about the connection changes."
        ).format(name=literal(connection.name))
    )
    wish = Wish("", shared=False, agreed=False, renew=connection.id)
    st.button(
        _("Authenticate with Mailchimp"),
        key="connection.save",
        type="primary",
        on_click=dialogs.stay,
        args=(mailchimp_sign_in.begin, place.office(), wish),
    )


def _change(connection_id: str) -> None:
    office = place.office()
    config_accounts.edit(
        office,
        connection_id,
        name=fields.typed(fields.NAME),
        shared=fields.ticked(fields.SHARED),
        export_user=fields.user(),
        contract_blocks=fields.ticked(_BLOCKS),
    )
    limit = st.session_state.get(_LIMIT)
    connections.set_contract_limit(office.store, office.who, connection_id, limit)
    accounts.forget()


def _replace(connection_id: str) -> None:
    config_accounts.rotate(
        place.office(),
        connection_id,
        fields.typed(fields.KEY),
        reference=fields.reference(),
        api_url=fields.typed(fields.URL),
    )
    accounts.forget()
