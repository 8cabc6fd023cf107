"""Which export a page is about: one choice, shared by the pages of exports."""

from collections.abc import Mapping

import streamlit as st

from lib.store.exports import Export
from lib.ui import session
from lib.ui.markdown import literal
from lib.ui.text import _, said

_LINKED = "export.linked"


def follow_link(exports: Mapping[str, Export]) -> None:
    """Choose the export that the page's address names: ``/review?export=…``."""
    linked = st.query_params.get("export", "")
    if not linked or linked == st.session_state.get(_LINKED):
        return
    st.session_state[_LINKED] = linked
    if linked in exports:
        session.choose(export_id=linked)
    else:
        st.warning(literal(said(f"There is no export “{linked}”.")), icon=":material/link_off:")


def link(export: Export) -> None:
    """Put an export into the page's address, so that it can be passed on."""
    st.session_state[_LINKED] = export.id
    st.query_params["export"] = export.id


def draw(exports: Mapping[str, Export], *, key: str, new: bool) -> Export | None:
    """Draw the choice and return the export; None for a new one.

    Args:
        exports: all of them by id.
        key: of the widget.
        new: a new one can be chosen too.
    """
    labels = {"": _("New export")} if new else {}
    labels |= {one.id: f"{one.name} → {one.audience_name}" for one in exports.values()}
    wanted = session.choice().export_id
    st.session_state[key] = wanted if wanted in labels else next(iter(labels))
    chosen = st.selectbox(
        _("Export"),
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        on_change=_choose,
        args=(key,),
    )
    return exports.get(chosen or "")


def _choose(key: str) -> None:
    session.choose(export_id=st.session_state[key])
