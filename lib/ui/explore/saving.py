"""Saving a query as a segment: a dialog that says how large it is and what it will hold."""

import streamlit as st

from lib.access import Person
from lib.sql import Sql
from lib.store import Store, segments
from lib.ui import errors, meter, resources
from lib.ui.text import _
from lib.warehouse import Warehouse

_BEGUN = "query.saving"
_SAVED = "query.saved"
_NAME, _ABOUT = "query.segment.name", "query.segment.about"


def begin(sql: str) -> None:
    """Open the dialog for this query at the next run; for callbacks."""
    st.session_state[_BEGUN] = sql


def dialog_if_begun(warehouse: Warehouse, store: Store, who: Person) -> None:
    """Draw the dialog when it was asked for, and the word of success afterwards."""
    if name := st.session_state.pop(_SAVED, ""):
        st.toast(_("Saved as segment “{name}”.").format(name=name), icon=":material/bookmark:")
    if sql := st.session_state.pop(_BEGUN, ""):
        dialog = st.dialog(_("Save as segment"), icon=":material/bookmark_add:", width="medium")
        dialog(_question)(warehouse, store, who, sql)


@errors.framed
def _question(_warehouse: Warehouse, _store: Store, who: Person, sql: str) -> None:
    if _SAVED in st.session_state:
        st.rerun()
    errors.show_notice()
    columns = [column.name for column in _warehouse.describe(Sql(sql))]
    profiles = _warehouse.profile_table()
    if profiles is not None and profiles.key not in columns:
        st.warning(
            _(
                "The query does not return **{key}**, so its rows cannot be told to belong to "
                "profiles: only the columns it returns can be exported."
            ).format(key=profiles.key),
            icon=":material/key_off:",
        )
    st.text_input(_("Name"), key=_NAME, max_chars=100, placeholder=_("Gold customers in Norway"))
    st.text_area(_("What it is for"), key=_ABOUT, height=80)
    limit = resources.settings().export_limit
    meter.size_meter(_warehouse.count(Sql(sql)), limit=limit)
    st.button(
        _("Save"), key="query.segment.save", type="primary", on_click=_save, args=(_store, who, sql)
    )


def _save(store: Store, who: Person, sql: str) -> None:
    name, about = st.session_state[_NAME], st.session_state[_ABOUT]
    if errors.attempt(segments.add, store, who, name=name, sql=sql, description=about):
        st.session_state[_SAVED] = name
