"""One connection on the page: who may use it, who agreed, what can be done to it."""

from collections.abc import Iterator
from datetime import datetime

import streamlit as st

from lib.config import oauth
from lib.store.connections import Connection
from lib.ui import resources, words
from lib.ui.admin import account_card, connection_dialogs
from lib.ui.markdown import literal
from lib.ui.text import _, said

_TESTED = "connections.tested"


def draw(connection: Connection, exports: tuple[str, ...], *, editable: bool) -> None:
    """Draw a connection with what can be done to it.

    Args:
        connection: as the person may see it.
        exports: names of the exports that use it.
        editable: the person is an administrator.
    """
    with st.container(border=True, key=f"connections.card.{connection.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(connection.name), width="content")
            _draw_badges(connection, editable)
        st.caption(literal(" · ".join(_about(connection, exports, editable))))
        _draw_actions(connection, editable)
        if st.session_state.get(_TESTED) == connection.id:
            account_card.draw(connection, whole=editable)


def _draw_badges(connection: Connection, editable: bool) -> None:
    if connection.practice:
        st.badge(_("Practice"), icon=":material/science:", color="orange")
    if editable and connection.agreed_at is None:
        st.badge(_("Consent withdrawn"), icon=":material/block:", color="red")
    if connection.shared:
        st.badge(_("Shared with contributors"), icon=":material/group:", color="green")
    else:
        st.badge(_("Administrators only"), icon=":material/lock:", color="gray")


def _about(connection: Connection, exports: tuple[str, ...], editable: bool) -> Iterator[str]:
    yield _("Mailchimp")
    if connection.account_name:
        yield connection.account_name
    if connection.data_centre:
        yield connection.data_centre
    if editable:
        yield _ways()[connection.auth]
    if editable and connection.created_at:
        yield _("added {when} by {who}").format(
            when=words.ago(connection.created_at), who=said(connection.created_by)
        )
    if editable and connection.agreed_at:
        yield _consent(connection.agreed_by, connection.agreed_at)
    used = ", ".join(exports)
    yield _("used by {exports}").format(exports=used) if used else _("not used yet")


def _consent(who: str | None, since: datetime) -> str:
    if who is None:
        return _("no consent needed")
    return _("{who} agreed on {day}").format(who=said(who), day=words.day(since))


def _ways() -> dict[str, str]:
    return {
        "key": _("key kept encrypted"),
        "reference": _("key kept elsewhere"),
        "oauth": _("signed in"),
    }


def _draw_actions(connection: Connection, editable: bool) -> None:
    with st.container(horizontal=True):
        st.button(
            _("Test"),
            key=f"connections.test.{connection.id}",
            icon=":material/network_check:",
            on_click=_test,
            args=(connection.id,),
        )
        for name, label, icon in _actions(connection) if editable else ():
            st.button(
                label,
                key=f"connections.{name}.{connection.id}",
                icon=icon,
                on_click=_ask,
                args=(name, connection.id),
            )


def _actions(connection: Connection) -> Iterator[tuple[str, str, str]]:
    yield "edit", _("Edit"), ":material/edit:"
    if connection.auth == "oauth" and oauth.configured(resources.settings()):
        yield "renew", _("Renew sign-in"), ":material/login:"
    yield "rotate", _("New key"), ":material/key:"
    if connection.agreed_at is None:
        yield "consent", _("Agree again"), ":material/gavel:"
    elif connection.agreed_by is not None:
        yield "consent", _("Withdraw consent"), ":material/gavel:"
    yield "remove", _("Remove"), ":material/delete:"


def _test(connection_id: str) -> None:
    st.session_state[_TESTED] = connection_id


def _ask(name: str, connection_id: str) -> None:
    st.session_state.pop(_TESTED, None)
    connection_dialogs.ask(name, connection_id)
