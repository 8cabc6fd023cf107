"""Saving a query as a segment: a dialog that says how large it is and what it will hold."""

import streamlit as st

from lib.config import Office, segments
from lib.config.segments import Wording
from lib.sql import Sql
from lib.ui import errors, meter
from lib.ui.markdown import literal
from lib.ui.segments import sizes
from lib.ui.text import _, said
from lib.warehouse import Warehouse

_BEGUN = "query.saving"
_SAVED = "query.saved"
_NAME, _ABOUT = "query.segment.name", "query.segment.about"


def begin(sql: str) -> None:
    """Open the dialog for this query at the next run; for callbacks."""
    st.session_state[_BEGUN] = sql


def dialog_if_begun(office: Office, warehouse: Warehouse) -> None:
    """Draw the dialog when it was asked for, and the word of success afterwards."""
    if name := st.session_state.pop(_SAVED, ""):
        st.toast(
            _("Saved as segment “{name}”.").format(name=literal(name)), icon=":material/bookmark:"
        )
    if sql := st.session_state.pop(_BEGUN, ""):
        dialog = st.dialog(_("Save as segment"), icon=":material/bookmark_add:", width="medium")
        dialog(_question)(office, warehouse, sql)


@errors.framed
def _question(_office: Office, _warehouse: Warehouse, sql: str) -> None:
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
            ).format(key=literal(profiles.key)),
            icon=":material/key_off:",
        )
    st.text_input(_("Name"), key=_NAME, max_chars=100, placeholder=_("Gold customers in Norway"))
    st.text_area(_("What it is for"), key=_ABOUT, height=80)
    size = sizes.of_sql(sql)
    if size.profiles is None:
        st.error(literal(said(size.trouble)), icon=":material/error:")
    else:
        meter.size_meter(size.profiles, limit=_office.settings.export_limit)
    st.button(
        _("Save"),
        key="query.segment.save",
        type="primary",
        on_click=_save,
        args=(_office, _warehouse, sql),
    )


def _save(office: Office, warehouse: Warehouse, sql: str) -> None:
    name, about = st.session_state[_NAME], st.session_state[_ABOUT]
    wording = Wording(name, sql=sql, description=about)
    if errors.attempt(segments.save, office, warehouse, wording):
        st.session_state[_SAVED] = name
