"""The question of this session: asked, waited for, cancelled."""

import streamlit as st

from lib.access import Person
from lib.store import Store
from lib.ui import errors, words
from lib.ui.explore.questions import Question, questions
from lib.ui.text import _
from lib.warehouse import Warehouse

PATIENCE_S = 0.25
"""An answer within this time is shown at once, without a word about waiting."""
_QUESTION = "query.question"
_HANDLED = "query.handled"


def ask(warehouse: Warehouse, store: Store, who: Person, sql: str) -> None:
    """Ask, and end what this session asked before."""
    before = current()
    if before is not None and not before.finished.is_set():
        warehouse.cancel(before.id)
    st.session_state[_QUESTION] = questions().ask(warehouse, store, who, sql).id


def current() -> Question | None:
    """Return the question of this session."""
    return questions().get(str(st.session_state.get(_QUESTION, "")))


def is_new(run_id: str) -> bool:
    """Say, once, that this Ctrl+Enter was not carried out yet."""
    if not run_id or run_id == st.session_state.get(_HANDLED):
        return False
    st.session_state[_HANDLED] = run_id
    return True


def show_waiting(question: Question, warehouse: Warehouse) -> None:
    """Draw that a question is being answered, with the way out; the page follows when it is."""
    _waiting(question.id, warehouse)


@st.fragment(run_every="300ms")
@errors.framed
def _waiting(question_id: str, _warehouse: Warehouse) -> None:
    question = questions().get(question_id)
    if question is None or question.finished.is_set():
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            _(":material/hourglass_top: Asking the warehouse · {time}").format(
                time=words.duration(question.waited_s)
            )
        )
        st.button(
            _("Cancel"),
            key="query.cancel",
            icon=":material/stop:",
            on_click=_warehouse.cancel,
            args=(question_id,),
        )
    st.skeleton(height=220)
