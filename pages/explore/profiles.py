"""Profiles: what the tables hold, column by column, and who a person is."""

import streamlit as st

from lib.ui import resources, words
from lib.ui.explore import column_card, facts, person_card, results
from lib.ui.markdown import literal
from lib.ui.text import _

_SAMPLE_ROWS = 200

warehouse = resources.warehouse()
version, profiles = warehouse.version(), warehouse.profile_table()
sizes = {table.name: table.rows for table in warehouse.tables()}

st.title(_("Profiles"), anchor=False)
for name, why in warehouse.broken().items():
    st.warning(f"**{literal(name)}** – {literal(why)}", icon=":material/link_off:")
if not sizes:
    st.info(
        _("The warehouse has no tables yet. An administrator adds sources on the System page."),
        icon=":material/database_off:",
    )
    st.stop()

if profiles is not None:
    wanted = st.text_input(
        _("Find a person"),
        key="profiles.search",
        type="search",
        icon=":material/person_search:",
        placeholder=_("a part of a name, address or phone, or an id"),
        label_visibility="collapsed",
    )
    if wanted and wanted.strip():
        people = facts.people(warehouse, version, wanted)
        if not people.num_rows:
            st.info(_("Nobody fits all of “{words}”.").format(words=literal(wanted)))
        else:
            if people.num_rows == facts.FOUND:
                st.caption(_("The first {count}: add a word to narrow.").format(count=facts.FOUND))
            person = person_card.found(people, key=f"profiles.found.{wanted}")
            if person is not None:
                person_card.card(warehouse, profiles, person)

first = profiles.name if profiles is not None else next(iter(sizes))
chosen = st.segmented_control(
    _("Table"),
    [first, *(name for name in sizes if name != first)],
    default=first,
    required=True,
    key="profiles.table",
    format_func=lambda name: f"{literal(name)} · {words.number(sizes[name])}",
    label_visibility="collapsed",
)
table = chosen or first

fields, rows = st.tabs(
    [_(":material/view_column: Columns"), _(":material/table_rows: Rows")],
    key="profiles.view",
    on_change="rerun",
)
if fields.open:
    with fields:
        listed, detail = st.columns([9, 5], gap="medium")
        with listed:
            column = column_card.listing(
                facts.columns(warehouse, version, table), key=f"profiles.columns.{table}"
            )
        with detail:
            column_card.card(facts.column(warehouse, version, table, column.column))
if rows.open:
    with rows:
        preview = facts.first_rows(warehouse, version, table, _SAMPLE_ROWS)
        st.caption(
            _("The first {shown} of {total} rows.").format(
                shown=words.number(preview.rows.num_rows), total=words.number(preview.total)
            )
        )
        results.show_rows(preview, key=f"profiles.rows.{table}")
