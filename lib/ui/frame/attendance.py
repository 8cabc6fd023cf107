"""Who came and went, for the audit log."""

import streamlit as st

from lib.store import sign_ins
from lib.ui import errors, person, resources
from lib.ui.person import Standing


def note(stands: Standing) -> None:
    """Write into the audit log that somebody has signed in; once for each sign-in."""
    if stands in (Standing.KNOWN, Standing.NOBODY):
        _note(person.name(), _mark(), admitted=stands is Standing.KNOWN)


def sign_out() -> None:
    """Write into the audit log that the person signs out, and sign them out; for callbacks."""
    errors.admit(sign_ins.ended, resources.store(), person.name(), _mark())
    st.logout()


@st.cache_data(show_spinner=False, max_entries=10_000)
def _note(who: str, mark: str, *, admitted: bool) -> None:
    sign_ins.begun(resources.store(), who, mark, admitted=admitted)


def _mark() -> str:
    """The moment at which the provider vouched for the person, as it says."""
    return str(st.user.get("iat") or "")
