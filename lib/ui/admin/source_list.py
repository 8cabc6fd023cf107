"""The sources of the warehouse: which there are, adding one by its path, forgetting one."""

import polars as pl
import streamlit as st

from lib.access import Action, may
from lib.config import Office
from lib.config import warehouse as config_warehouse
from lib.sources import Source
from lib.store import sources
from lib.ui import dialogs, resources, words
from lib.ui.markdown import literal
from lib.ui.text import _, said
from lib.warehouse import copies

_NAME, _PLACE, _KEY, _GONE = "source.name", "source.place", "source.key", "source.gone"


def draw(office: Office) -> None:
    """Draw the sources and what can be done with them."""
    warehouse = resources.warehouse()
    kept = {one.name: one for one in sources.all(office.store, office.who)}
    profiles = warehouse.profile_table()
    tables = warehouse.tables()
    st.dataframe(
        pl.DataFrame(
            {
                _("Table"): [table.name for table in tables],
                _("Rows"): [words.number(table.rows) for table in tables],
                _("Columns"): [len(table.columns) for table in tables],
                _("Key"): [
                    profiles.key if profiles and profiles.name == table.name else ""
                    for table in tables
                ],
                _("From"): [
                    _from(kept[table.name]) if table.name in kept else _("sample company")
                    for table in tables
                ],
            }
        ),
        hide_index=True,
        alt=_("Tables of the warehouse"),
    )
    broken = warehouse.broken()
    for name, one in kept.items():
        if why := broken.get(name):
            st.error(_trouble(one, why), icon=":material/error:")
        elif why := copies.trouble(one):
            st.warning(_trouble(one, why), icon=":material/sync_problem:")
        if encoding := copies.note(one).removeprefix("read as "):
            sentence = _("{name} is no UTF-8 and was read as {encoding}: look at its letters.")
            st.caption(sentence.format(name=f"**{literal(name)}**", encoding=encoding))
    if not kept:
        st.caption(
            _("This is the sample company. It makes way as soon as you add a source of your own.")
        )
    if may(office.who, Action.EDIT_SYSTEM):
        with st.container(horizontal=True):
            for name, label, icon in (
                ("source.new", _("Add a source"), ":material/add:"),
                ("source.forget", _("Forget a source"), ":material/delete:"),
            ):
                st.button(
                    label,
                    key=name,
                    icon=icon,
                    disabled=name == "source.forget" and not kept,
                    on_click=dialogs.ask,
                    args=(name,),
                )
    if dialogs.asked("source.new"):
        dialogs.draw(_("Add a source"), _new, office, width="medium")
    elif dialogs.asked("source.forget"):
        dialogs.draw(_("Forget a source"), _forget, office, list(kept))


def _trouble(source: Source, why: str) -> str:
    return f"**{literal(source.name)}** ({literal(_from(source))}): {literal(said(why))}"


def _from(source: Source) -> str:
    return source.origin or source.location


def _new(office: Office) -> None:
    st.text_input(_("Name of the table"), key=_NAME, placeholder="profiles")
    st.text_input(
        _("Where it lies"),
        key=_PLACE,
        placeholder="/data/customers.parquet",
        help=_("A file or folder on this machine: Parquet, CSV, JSON lines or Arrow."),
    )
    st.text_input(
        _("Key of a profile"),
        key=_KEY,
        placeholder="profile_id",
        help=_("Only for the table with one row per customer: the column that tells them apart."),
    )
    dialogs.draw_finish(_("Add"), _add, office, key="source.save")


def _forget(office: Office, names: list[str]) -> None:
    st.selectbox(_("Source"), names, key=_GONE)
    st.caption(_("Its file stays where it is. Segments that use it stop working."))
    dialogs.draw_finish(_("Forget"), _remove, office, key="source.save")


def _add(office: Office) -> None:
    name, place, key = (str(st.session_state.get(one, "")).strip() for one in (_NAME, _PLACE, _KEY))
    config_warehouse.add_source(office, name, place, key)


def _remove(office: Office) -> None:
    config_warehouse.remove_source(office, str(st.session_state.get(_GONE, "")))
