"""What a person can open instead of writing it: examples, queries of the past, names of columns."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from lib.access import Person
from lib.store import Store, history
from lib.ui import errors, words
from lib.ui.explore import draft
from lib.ui.explore.examples import Example
from lib.ui.markdown import literal
from lib.ui.text import _
from lib.warehouse import Table

_LISTED = 200
_SELECTED = "query.history.rows"
_ASKED, _CHOSEN = "query.history.asked", "query.history.chosen"


def examples_menu(examples: Sequence[Example]) -> None:
    """Draw the examples."""
    with st.popover(_("Examples"), icon=":material/lightbulb:", key="query.examples"):
        for place, example in enumerate(examples):
            st.button(
                example.title,
                key=f"query.example.{place}",
                type="tertiary",
                on_click=draft.open_sql,
                args=(example.sql,),
            )


def tables_menu(tables: Sequence[Table]) -> None:
    """Draw which tables there are, with their columns."""
    with st.popover(_("Tables"), icon=":material/schema:", key="query.tables"):
        for table in tables:
            st.markdown(f"**{literal(table.name)}** :gray[· {words.number(table.rows)}]")
            st.caption(literal(" · ".join(column.name for column in table.columns)))


def history_menu(store: Store, who: Person) -> None:
    """Draw the way to the queries of the past."""
    st.button(
        _("History"),
        key="query.history",
        icon=":material/history:",
        on_click=lambda: st.session_state.update({_ASKED: True}),
    )
    if st.session_state.pop(_ASKED, False):
        dialog = st.dialog(_("Queries of the past"), icon=":material/history:", width="large")
        dialog(_history)(store, who)


@errors.framed
def _history(_store: Store, who: Person) -> None:
    if st.session_state.pop(_CHOSEN, False):
        st.rerun()
    wanted = st.text_input(
        _("Search"),
        key="query.history.search",
        type="search",
        live=True,
        placeholder=_("a table, a column, any word"),
        label_visibility="collapsed",
    )
    found = history.all(_store, who, search=wanted or "", limit=_LISTED)
    if not found:
        st.info(
            _("No query holds that.")
            if wanted
            else _("Nothing yet. Every query you run is kept here, the failed ones too."),
            icon=":material/history:",
        )
        return
    st.caption(_("Tick a row to open its query."))
    st.dataframe(
        _listed(found),
        key=_SELECTED,
        hide_index=True,
        height=420,
        column_config={_("query"): st.column_config.TextColumn(width="large")},
        on_select=lambda: _open(found),
        selection_mode="single-row",
        alt=_("Queries of the past"),
    )


def _listed(found: Sequence[history.Query]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            _("when"): [words.ago(query.at) for query in found],
            _("query"): [" ".join(query.sql.split()) for query in found],
            _("rows"): [query.rows for query in found],
            _("took"): [words.duration(query.ms / 1000) for query in found],
            _("error"): [query.error for query in found],
        }
    )


def _open(found: Sequence[history.Query]) -> None:
    rows = st.session_state[_SELECTED]["selection"]["rows"]
    if rows and rows[0] < len(found):
        draft.open_sql(found[rows[0]].sql)
        st.session_state[_CHOSEN] = True
