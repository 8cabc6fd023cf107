"""The dialogs of a connection: add, edit, new key, consent, removal."""

from collections.abc import Callable

import streamlit as st

from lib.config import accounts as config_accounts
from lib.config import oauth
from lib.config.oauth import Wish
from lib.store import connections, consent, exports
from lib.store.connections import Connection
from lib.ui import (
    accounts,
    connection_card,
    dialogs,
    mailchimp_sign_in,
    person,
    place,
    resources,
    words,
)
from lib.ui.text import _, said

_NAME, _KEY, _URL = "connection.name", "connection.key", "connection.url"
_SHARED, _AGREED = "connection.shared", "connection.agreed"
_WAY, _REFERENCE, _USER = "connection.way", "connection.reference", "connection.user"
_LIMIT, _BLOCKS = "connection.limit", "connection.blocks"


def draw() -> None:
    """Draw the dialog that was asked for, if any."""
    if dialogs.asked("connection.new"):
        dialogs.draw(_("Connect a Mailchimp account"), _new, width="medium")
        return
    for name, (title, form) in _forms().items():
        if dialogs.asked(f"connection.{name}"):
            ref = connection_card.chosen()
            dialogs.draw(title, form, connections.get(resources.store(), person.who(), ref))


def _forms() -> dict[str, tuple[str, Callable[[Connection], None]]]:
    return {
        "edit": (_("Edit connection"), _edit),
        "rotate": (_("New API key"), _rotate),
        "consent": (_("Consent"), _consent),
        "remove": (_("Remove connection"), _remove),
    }


def terms() -> str:
    """Return what a person agrees to."""
    return _(
        "Exports over this connection hand contact data, possibly personal data, to Mailchimp. "
        "They then lie outside this installation and its protection. Your organisation answers "
        "for having the right to pass them on, and for Mailchimp meeting the duties you have. An "
        "administrator can withdraw this consent at any time; nothing is sent from then on."
    )


def _new() -> None:
    way = st.segmented_control(
        _("How Muster gets in"),
        list(_ways()),
        default="key",
        required=True,
        key=_WAY,
        format_func=lambda one: _ways()[one],
        on_change=mailchimp_sign_in.forget,
    )
    if way == "oauth" and mailchimp_sign_in.draw_way():
        return
    st.text_input(_("Name"), key=_NAME, max_chars=100, placeholder=_("Newsletter account"))
    if way == "key":
        _draw_key()
    elif way == "reference":
        _draw_reference()
    if way != "oauth":
        with st.expander(_("Advanced")):
            st.text_input(
                _("API address"),
                key=_URL,
                placeholder="https://us6.api.mailchimp.com",
                help=_("Leave it empty for Mailchimp: the end of the key tells the data centre."),
            )
    st.text_input(
        _("Export user"),
        value=person.who().email,
        key=_USER,
        help=_("On whose behalf scheduled exports read the profiles."),
    )
    st.checkbox(
        _("Contributors may use it too"),
        key=_SHARED,
        help=_("They see its name and can export over it. The key is shown to nobody."),
    )
    _draw_terms()
    if way == "oauth":
        st.button(
            _("Continue"), key="connection.save", type="primary", on_click=dialogs.stay,
            args=(_sign_in,),
        )  # fmt: skip
        return
    _draw_save(_("Connect"), _add)


def _ways() -> dict[str, str]:
    ways = {"key": _("API key"), "reference": _("Key kept elsewhere")}
    if oauth.configured(resources.settings()):
        ways["oauth"] = _("Sign in to Mailchimp")
    return ways


def _draw_reference() -> None:
    st.text_input(
        _("Where the key is"),
        key=_REFERENCE,
        placeholder="env:MAILCHIMP_KEY",
        help=_(
            "env:MAILCHIMP_… is an environment variable, secret:NAME is in the table [mailchimp] "
            "of secrets.toml, command:NAME is one of the setting secret_commands."
        ),
    )


def _sign_in() -> None:
    wish = Wish(
        _typed(_NAME),
        shared=bool(st.session_state.get(_SHARED)),
        agreed=bool(st.session_state.get(_AGREED)),
        export_user=_typed(_USER),
    )
    mailchimp_sign_in.begin(place.office(), wish)


def _edit(connection: Connection) -> None:
    st.text_input(_("Name"), value=connection.name, key=_NAME, max_chars=100)
    st.checkbox(_("Contributors may use it too"), value=connection.shared, key=_SHARED)
    st.text_input(_("Export user"), value=connection.export_user, key=_USER)
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
    st.text_input(
        _("API address"),
        value=connection.api_url,
        key=_URL,
        help=_("Leave it empty for Mailchimp: the end of the key tells the data centre."),
    )
    _draw_save(_("Save"), lambda: _change(connection.id))


def _rotate(connection: Connection) -> None:
    st.write(
        _("The new key takes the place of the old one for “{name}”.").format(name=connection.name)
    )
    _draw_key()
    _draw_save(_("Replace the key"), lambda: _replace(connection))


def _consent(connection: Connection) -> None:
    store, who = resources.store(), person.who()
    if connection.agreed_at is None:
        _draw_terms()
        _draw_save(_("Agree again"), lambda: _agree(connection.id))
        return
    st.write(terms())
    st.caption(
        _("{who} agreed on {day}.").format(
            who=said(connection.agreed_by or ""), day=words.day(connection.agreed_at)
        )
    )
    st.warning(_("Withdrawing stops what is being sent over “{name}”, at once.").format(
        name=connection.name), icon=":material/block:")  # fmt: skip
    _draw_save(_("Withdraw consent"), lambda: consent.withdraw(store, who, connection.id))


def _remove(connection: Connection) -> None:
    store, who = resources.store(), person.who()
    using = [one for one in exports.all(store, who) if one.connection_id == connection.id]
    if not using:
        st.write(
            _(
                "Remove “{name}” and its key from Muster? Nothing in Mailchimp changes; revoke the "
                "key there as well if nobody else uses it."
            ).format(name=connection.name)
        )
        _draw_save(_("Remove"), lambda: connections.remove(store, who, connection.id))
        return
    st.write(
        _(
            "These exports use “{name}”. Detach each to keep its set-up for another connection, "
            "or remove it."
        ).format(name=connection.name)
    )
    for one in using:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{one.name}**", width="stretch")
            for label, action in ((_("Detach"), exports.detach), (_("Remove"), exports.remove)):
                st.button(
                    label,
                    key=f"connection.{action.__name__}.{one.id}",
                    on_click=dialogs.stay,
                    args=(action, store, who, one.id),
                )


def _draw_key() -> None:
    st.text_input(
        _("API key"),
        key=_KEY,
        type="password",
        autocomplete="off",
        help=_("In Mailchimp: profile, Extras, API keys. It is kept encrypted, and never shown."),
    )


def _draw_terms() -> None:
    with st.container(border=True):
        st.markdown(":small[" + terms() + "]")
        st.checkbox(_("I agree"), key=_AGREED)


def _draw_save(label: str, action: Callable[[], object]) -> None:
    st.button(label, key="connection.save", type="primary", on_click=dialogs.finish, args=(action,))


def _typed(key: str) -> str:
    return str(st.session_state.get(key, "")).strip()


def _add() -> None:
    config_accounts.connect_account(
        place.office(),
        _typed(_NAME),
        _typed(_KEY),
        api_url=_typed(_URL),
        shared=bool(st.session_state.get(_SHARED)),
        agreed=bool(st.session_state.get(_AGREED)),
        export_user=_typed(_USER),
        reference=_typed(_REFERENCE) if st.session_state.get(_WAY) == "reference" else "",
    )


def _change(connection_id: str) -> None:
    shared = bool(st.session_state.get(_SHARED))
    store, who = resources.store(), person.who()
    connections.edit(
        store,
        who,
        connection_id,
        name=_typed(_NAME),
        api_url=_typed(_URL),
        shared=shared,
        export_user=_typed(_USER),
        contract_blocks=bool(st.session_state.get(_BLOCKS)),
    )
    connections.set_contract_limit(store, who, connection_id, st.session_state.get(_LIMIT))
    accounts.forget()


def _replace(connection: Connection) -> None:
    config_accounts.look_up(_typed(_KEY), connection.api_url)
    connections.rotate(resources.store(), person.who(), connection.id, _typed(_KEY))
    accounts.forget()


def _agree(connection_id: str) -> None:
    if st.session_state.get(_AGREED):
        consent.agree(resources.store(), person.who(), connection_id)
