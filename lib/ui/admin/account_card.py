"""What Mailchimp says of the account of a connection, asked when somebody presses Test."""

import streamlit as st

from lib.errors import MusterError
from lib.mailchimp.account import Account
from lib.runs import contract
from lib.runs.contract import Room
from lib.store.connections import Connection
from lib.ui import accounts, errors, person, place, resources, words
from lib.ui.markdown import literal
from lib.ui.runs import contract_meter
from lib.ui.text import _


def draw(connection: Connection, *, whole: bool) -> None:
    """Draw whether the connection works and, to administrators, whose account it is.

    Args:
        connection: as the person may see it.
        whole: the person may see more of it than name and type.
    """
    try:
        with st.spinner(_("Asking Mailchimp …")):
            found = accounts.account(resources.store(), person.who(), connection.id)
    except MusterError as error:
        errors.show(error)
        return
    st.success(_("It works."), icon=":material/check_circle:")
    if whole:
        _draw_facts(found)
        _draw_contract(connection)


def _draw_facts(account: Account) -> None:
    facts = {
        _("Account"): account.name,
        _("Plan", "of an account"): _plans().get(account.plan, account.plan),
        _("Your role there"): account.role,
        _("Contacts"): words.number(account.total_subscribers),
    }
    with st.container(horizontal=True, gap="medium"):
        for name, value in facts.items():
            st.markdown(f":gray[:small[{name}]]  \n**{literal(value) or '–'}**", width="content")


def _plans() -> dict[str, str]:
    """Return Mailchimp's kinds of plan (Marketing API 3.0 reference, root) in words."""
    return {
        "monthly": _("monthly"),
        "pay_as_you_go": _("pay as you go"),
        "forever_free": _("free"),
    }


def _draw_contract(connection: Connection) -> None:
    if connection.contract_limit:
        office = place.office()
        held = contract.held(office.store, office.settings, office.who, connection.id)
        contract_meter.draw(Room(connection.contract_limit, connection.contract_blocks, held, 0))
