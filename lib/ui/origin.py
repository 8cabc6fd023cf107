"""From where somebody acts, for the audit log."""

from ipaddress import ip_address

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


def whence() -> str:
    """Say from where the person of this moment acts: the network address of their browser.

    What a proxy says about the browser is told as such; it can be made up by who is behind it.
    """
    if not runtime.exists() or get_script_run_ctx(suppress_warning=True) is None:
        return "app"
    address = st.context.ip_address
    place = f"at {address}" if address else "on this machine"
    claimed = _address(st.context.headers.get("X-Forwarded-For") or "")
    return f"browser at {claimed}, says the proxy {place}" if claimed else f"browser {place}"


def _address(forwarded: str) -> str:
    try:
        return str(ip_address(forwarded.partition(",")[0].strip()))
    except ValueError:
        return ""
