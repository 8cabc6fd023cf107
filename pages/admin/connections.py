"""Connections: the Mailchimp accounts that exports may use."""

import streamlit as st

from lib.access import Action, may
from lib.store import connections, exports
from lib.ui import person, place, resources
from lib.ui.admin import connection_card, connection_dialogs, connection_list, mailchimp_sign_in
from lib.ui.text import _

store, who = resources.store(), person.who()
editable = may(who, Action.EDIT_CONNECTIONS)

st.title(_("Connections"))
st.caption(_("A connection is a Mailchimp account that an administrator has authorised."))
if editable:
    mailchimp_sign_in.come_back(place.office())
    st.button(
        _("Connect a Mailchimp account"),
        key="connections.new",
        type="primary",
        icon=":material/add_link:",
        on_click=connection_dialogs.ask,
        args=("new",),
    )
else:
    st.info(
        _("Only administrators add or change connections: ask one of them for another account."),
        icon=":material/lock:",
    )

visible = connections.all(store, who)
every = exports.all(store, who)
users = {
    one.id: tuple(each.name for each in every if each.connection_id == one.id) for one in visible
}
for connection in connection_list.draw(visible, users, whole=editable):
    connection_card.draw(connection, users[connection.id], editable=editable)
if not visible:
    st.info(
        _(
            "No account is connected yet. You need an API key, which Mailchimp makes under your "
            "profile, Extras, API keys."
        )
        if editable
        else _("No connection is shared with you yet: ask an administrator to share one."),
        icon=":material/link_off:",
    )

connection_dialogs.draw()
