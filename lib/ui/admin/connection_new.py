"""The dialog that connects a Mailchimp account: with a key, a reference to one, or a sign-in."""

import streamlit as st

from lib.config import accounts, oauth
from lib.config.oauth import Wish
from lib.ui import dialogs, person, place, resources
from lib.ui.admin import connection_fields as fields
from lib.ui.admin import consent_form, mailchimp_sign_in
from lib.ui.text import _


def draw() -> None:
    """Draw the form, or the way to Mailchimp once a sign-in has begun."""
    way = st.segmented_control(
        _("How Muster gets in"),
        list(_ways()),
        default="key",
        required=True,
        key=fields.WAY,
        format_func=lambda one: _ways()[one],
        on_change=mailchimp_sign_in.forget,
    )
    if way == "oauth" and mailchimp_sign_in.draw_way():
        return
    st.text_input(
        _("Display name"), key=fields.NAME, max_chars=100, placeholder=_("Newsletter account")
    )
    if way == "key":
        fields.draw_key()
    elif way == "reference":
        fields.draw_reference()
    if way != "oauth":
        with st.expander(_("Advanced")):
            fields.draw_address()
    fields.draw_user(person.who().email)
    fields.draw_shared()
    consent_form.draw_terms()
    if way == "oauth":
        st.button(
            _("Authenticate with Mailchimp"),
            key="connection.save",
            type="primary",
            on_click=dialogs.stay,
            args=(_sign_in,),
        )
    else:
        fields.draw_save(_("Connect"), _add)


def _ways() -> dict[str, str]:
    ways = {"key": _("API key"), "reference": _("Key kept elsewhere")}
    if oauth.configured(resources.settings()):
        ways["oauth"] = _("Sign in to Mailchimp")
    return ways


def _sign_in() -> None:
    wish = Wish(
        fields.typed(fields.NAME),
        shared=fields.ticked(fields.SHARED),
        agreed=fields.ticked(consent_form.AGREED),
        export_user=fields.user(),
    )
    mailchimp_sign_in.begin(place.office(), wish)


def _add() -> None:
    accounts.connect_account(
        place.office(),
        fields.typed(fields.NAME),
        fields.typed(fields.KEY),
        api_url=fields.typed(fields.URL),
        shared=fields.ticked(fields.SHARED),
        agreed=fields.ticked(consent_form.AGREED),
        export_user=fields.user(),
        reference=fields.reference(),
    )
