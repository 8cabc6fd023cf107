"""Who is this? The one answer, for pages and for what they do."""

import streamlit as st

from lib.access import LOCAL_ADMINISTRATOR, Person, Role


def who() -> Person:
    """Return the person of this session.

    Without an ``[auth]`` section in the secrets nobody can sign in: the installation serves this
    machine only and everybody is its one local administrator. Somebody who is signed in but was
    given no role may look, and no more.
    """
    if not st.user.get("is_logged_in", False):
        return LOCAL_ADMINISTRATOR if not sign_in_configured() else _stranger()
    email = str(st.user.get("email", ""))
    return Person(email, str(st.user.get("name", email)), Role.VIEWER)


def sign_in_configured() -> bool:
    """Say whether this installation has an identity provider."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def signed_in() -> bool:
    """Say whether the person may see anything at all."""
    return bool(st.user.get("is_logged_in", False)) or not sign_in_configured()


def _stranger() -> Person:
    return Person("", "", Role.VIEWER)
