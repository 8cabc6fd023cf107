"""One connection on the page: whose account it is, who may use it, whether it works."""

import streamlit as st

from lib.errors import MusterError
from lib.runs import contract
from lib.runs.contract import Room
from lib.store.connections import Connection
from lib.ui import accounts, contract_meter, dialogs, errors, person, place, resources, words
from lib.ui.text import _, said

_TESTED = "connections.tested"
_CHOSEN = "connections.chosen"


def draw(connection: Connection, exports: tuple[str, ...], *, editable: bool) -> None:
    """Draw a connection with what can be done to it.

    Args:
        connection: as the person may see it.
        exports: names of the exports that use it.
        editable: the person is an administrator.
    """
    with st.container(border=True, key=f"connections.card.{connection.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(connection.name, width="content")
            _draw_badges(connection, editable)
        st.caption(_about(connection, exports, editable))
        _draw_actions(connection, editable)
        if st.session_state.get(_TESTED) == connection.id:
            _draw_test(connection)


def chosen() -> str:
    """Return the connection whose dialog is open."""
    return str(st.session_state.get(_CHOSEN, ""))


def _draw_badges(connection: Connection, editable: bool) -> None:
    if connection.practice:
        st.badge(_("Practice"), icon=":material/science:", color="orange")
    if editable and connection.agreed_at is None:
        st.badge(_("Consent withdrawn"), icon=":material/block:", color="red")
    if connection.shared:
        st.badge(_("Shared with contributors"), icon=":material/group:", color="green")
    else:
        st.badge(_("Administrators only"), icon=":material/lock:", color="gray")


def _about(connection: Connection, exports: tuple[str, ...], editable: bool) -> str:
    facts = [_("Mailchimp")]
    if connection.account_name:
        facts.append(connection.account_name)
    if connection.data_centre:
        facts.append(connection.data_centre)
    if editable and connection.created_at:
        facts.append(
            _("added {when} by {who}").format(
                when=words.ago(connection.created_at), who=said(connection.created_by)
            )
        )
    if editable and connection.agreed_at:
        facts.append(
            _("{who} agreed on {day}").format(
                who=said(connection.agreed_by or ""), day=words.day(connection.agreed_at)
            )
        )
    used = ", ".join(exports)
    facts.append(_("used by {exports}").format(exports=used) if used else _("not used yet"))
    return " · ".join(facts)


def _draw_actions(connection: Connection, editable: bool) -> None:
    agreed = connection.agreed_at is not None
    actions = [
        ("edit", _("Edit"), ":material/edit:"),
        ("rotate", _("New key"), ":material/key:"),
        ("consent", _("Withdraw consent") if agreed else _("Agree again"), ":material/gavel:"),
        ("remove", _("Remove"), ":material/delete:"),
    ]
    with st.container(horizontal=True):
        st.button(
            _("Test"),
            key=f"connections.test.{connection.id}",
            icon=":material/network_check:",
            on_click=_test,
            args=(connection.id,),
        )
        for name, label, icon in actions if editable else ():
            st.button(
                label,
                key=f"connections.{name}.{connection.id}",
                icon=icon,
                on_click=_ask,
                args=(name, connection.id),
            )


def _test(connection_id: str) -> None:
    st.session_state[_TESTED] = connection_id


def _ask(name: str, connection_id: str) -> None:
    st.session_state[_CHOSEN] = connection_id
    st.session_state.pop(_TESTED, None)
    dialogs.ask(f"connection.{name}")


def _draw_test(connection: Connection) -> None:
    try:
        with st.spinner(_("Asking Mailchimp …")):
            found = accounts.account(resources.store(), person.who(), connection.id)
    except MusterError as error:
        errors.show(error)
        return
    st.success(
        _("It works: account **{name}**, role {role}, {count} subscribers in all.").format(
            name=found.name, role=found.role, count=words.number(found.total_subscribers)
        ),
        icon=":material/check_circle:",
    )
    if connection.contract_limit:
        office = place.office()
        held = contract.held(office.store, office.settings, office.who, connection.id)
        contract_meter.draw(Room(connection.contract_limit, connection.contract_blocks, held, 0))
