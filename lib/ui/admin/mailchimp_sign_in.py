"""Signing in to Mailchimp from the connections page, and coming back to it."""

import hashlib

import streamlit as st

from lib.config import Office
from lib.config.oauth import SignIns, Wish
from lib.ui import errors
from lib.ui.markdown import literal
from lib.ui.text import _

_URL, _MADE = "connections.sign_in_url", "connections.signed_in"


@st.cache_resource(show_spinner=False)
def _sign_ins() -> SignIns:
    return SignIns()


def begin(office: Office, wish: Wish) -> None:
    """Begin a sign-in; ``draw_way`` then shows the way to Mailchimp."""
    st.session_state[_URL] = _sign_ins().begin(
        office, wish, redirect_uri=_redirect_uri(office), browser=_browser()
    )


def draw_way() -> bool:
    """Draw the way to Mailchimp once a sign-in has begun; say whether there is one."""
    url = st.session_state.get(_URL)
    if not url:
        return False
    st.link_button(_("Go to Mailchimp and allow it"), url, type="primary", icon=":material/login:")
    st.caption(_("Mailchimp sends you back here, in a new tab. This takes at most ten minutes."))
    return True


def forget() -> None:
    """Begin anew at the next look."""
    st.session_state.pop(_URL, None)


def come_back(office: Office) -> None:
    """Finish a sign-in when Mailchimp has just sent the person back; the address is cleaned."""
    query = st.query_params.to_dict()
    if "state" in query and ("code" in query or "error" in query):
        st.query_params.clear()
        if errors.attempt(_finish, office, query):
            st.toast(_("“{name}” is connected.").format(name=literal(st.session_state.pop(_MADE))))
        errors.show_notice()


def _finish(office: Office, query: dict[str, str]) -> None:
    made = _sign_ins().finish(office, query, browser=_browser())
    st.session_state[_MADE] = made.name


def _redirect_uri(office: Office) -> str:
    base = office.settings.public_url.rstrip("/")
    if base:
        return f"{base}/connections"
    return str(st.context.url or "").partition("?")[0].partition("#")[0]


def _browser() -> str:
    """What only this browser has: the cookie of the sign-in, or nothing on this machine alone."""
    cookie = st.context.cookies.get("_streamlit_user")
    own = cookie if isinstance(cookie, str) else ""
    return hashlib.sha256(own.encode()).hexdigest()
