"""The SQL a person is writing: it survives a change of page, and other pages can put one there."""

import streamlit as st

_TEXT = "draft.text"
_OPENED = "draft.opened"


def text() -> str:
    """Return what was written so far."""
    return str(st.session_state.get(_TEXT, ""))


def key() -> str:
    """Return the key of the editor that holds it; a text opened anew gets a new editor."""
    return f"query.editor.{st.session_state.get(_OPENED, 0)}"


def keep(sql: str) -> None:
    """Remember what the editor holds."""
    st.session_state[_TEXT] = sql


def open_sql(sql: str) -> None:
    """Put a text into the editor instead of what is there; for callbacks."""
    keep(sql)
    st.session_state[_OPENED] = int(st.session_state.get(_OPENED, 0)) + 1
