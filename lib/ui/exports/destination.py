"""Where an export goes: connection and audience, picked by name or by ID."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from lib.access import Role
from lib.config import Office
from lib.contacts.fields import MergeField
from lib.errors import MusterError
from lib.mailchimp.account import Audience
from lib.store import connections
from lib.store.connections import Connection
from lib.store.exports import Export
from lib.ui import accounts, errors, practice, words
from lib.ui.markdown import literal
from lib.ui.text import _


@dataclass(frozen=True, slots=True)
class Destination:
    """An audience that is there, with its merge fields."""

    connection_id: str
    audience: Audience
    fields: tuple[MergeField, ...]


def draw(office: Office, prefix: str, export: Export | None) -> Destination | None:
    """Draw the choice; None while there is none, with what to do on the page."""
    usable = connections.all(office.store, office.who)
    if not usable:
        _draw_nothing(office)
        return None
    left, right = st.columns(2)
    with left:
        connection = _choose_connection(usable, prefix, export)
    if connection is None:
        return None
    try:
        with right:
            audience = _choose_audience(office, connection, prefix, export)
        if audience is None:
            return None
        fields = accounts.merge_fields(office.store, office.who, connection.id, audience.id)
    except MusterError as error:
        errors.show(error)
        st.button(_("Try again"), key=f"{prefix}.retry", on_click=accounts.forget)
        return None
    _describe(connection, audience, fields)
    return Destination(connection.id, audience, fields)


def _draw_nothing(office: Office) -> None:
    if office.settings.practice and practice.alive(office.settings) is None:
        _wait_for_practice(office)
    elif office.who.role is Role.ADMINISTRATOR:
        st.info(_("No Mailchimp account is connected yet."), icon=":material/link_off:")
        st.page_link(
            "pages/admin/connections.py",
            label=_("Connect a Mailchimp account"),
            icon=":material/add_link:",
        )
    else:
        st.info(
            _("No connection is shared with you. Ask an administrator to share one."),
            icon=":material/link_off:",
        )


@st.fragment(run_every="1s")
@errors.framed
def _wait_for_practice(office: Office) -> None:
    if connections.all(office.store, office.who):
        st.rerun()
    st.info(
        _("The practice Mailchimp is starting; it will be here in a moment."),
        icon=":material/science:",
    )


def _choose_connection(
    usable: tuple[Connection, ...], prefix: str, export: Export | None
) -> Connection | None:
    ids = [connection.id for connection in usable]
    names = {connection.id: connection.name for connection in usable}
    held = export.connection_id if export else ids[0] if len(ids) == 1 else None
    chosen = st.selectbox(
        _("Connection"),
        ids,
        index=ids.index(held) if held in ids else None,
        format_func=names.__getitem__,
        key=f"{prefix}.connection",
        persist_state="session",
        placeholder=_("Choose a connection"),
    )
    if export and export.connection_id and export.connection_id not in ids:
        st.caption(
            _(":orange[Its connection “{name}” is not shared with you.]").format(
                name=literal(export.connection_name)
            )
        )
    return next((one for one in usable if one.id == chosen), None)


def _choose_audience(
    office: Office, connection: Connection, prefix: str, export: Export | None
) -> Audience | None:
    with st.spinner(_("Asking Mailchimp for its audiences …")):
        found = accounts.audiences(office.store, office.who, connection.id)
    known = {audience.id: audience for audience in found}
    ids = list(known)
    held = export.audience_id if export else ids[0] if len(ids) == 1 else None
    options = ids if held is None or held in ids else [held, *ids]
    chosen = st.selectbox(
        _("Audience"),
        options,
        index=options.index(held) if held in options else None,
        format_func=partial(_label, known),
        key=f"{prefix}.audience.{connection.id}",
        persist_state="session",
        accept_new_options=True,
        placeholder=_("Choose one, or type its ID"),
        help=_("In Mailchimp: Audience, Settings, Audience name and defaults shows the ID."),
    )
    if not chosen:
        if not ids:
            st.caption(_("This account has no audience yet: make one in Mailchimp first."))
        return None
    typed = str(chosen).strip()
    return known.get(typed) or accounts.audience(office.store, office.who, connection.id, typed)


def _label(known: Mapping[str, Audience], audience_id: str) -> str:
    audience = known.get(audience_id)
    if audience is None:
        return audience_id
    members = words.number(audience.members)
    return _("{name} · {members} members").format(name=audience.name, members=members)


def _describe(connection: Connection, audience: Audience, fields: tuple[MergeField, ...]) -> None:
    parts = [
        _("Audience ID: {id}").format(id=audience.id),
        _("{count} subscribed").format(count=words.number(audience.members)),
        _("{count} unsubscribed").format(count=words.number(audience.unsubscribed)),
        _("{count} cleaned").format(count=words.number(audience.cleaned)),
        _("{count} merge fields").format(count=len(fields)),
    ]
    if connection.practice:
        parts.insert(0, _(":orange[practice, nobody is reached]"))
    st.caption(" · ".join(parts))
