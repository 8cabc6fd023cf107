"""Query: ask the warehouse in SQL, look at the answer, keep it."""

import streamlit as st

from lib.ui import errors, place, resources
from lib.ui.explore import asking, draft, editor, examples, recall, results
from lib.ui.segments import saving
from lib.ui.text import _

office, warehouse = place.office(), resources.warehouse()
tables = warehouse.tables()
ready_made = examples.fitting(tables)
if not draft.text() and ready_made:
    draft.keep(ready_made[0].sql)


def run() -> None:
    sql = editor.current(draft.key(), draft.text())
    draft.keep(sql)
    errors.attempt(asking.ask, warehouse, office.store, office.who, sql)


def save() -> None:
    draft.keep(editor.current(draft.key(), draft.text()))
    saving.begin(draft.text())


st.title(_("Query"), anchor=False)
edited = editor.edit(draft.text(), tables, warehouse.functions(), key=draft.key())
draft.keep(edited.text)
if asking.is_new(edited.run_id):
    run()

with st.container(horizontal=True, vertical_alignment="center", key="query.bar"):
    st.button(
        _("Run"),
        key="query.run",
        type="primary",
        icon=":material/play_arrow:",
        on_click=run,
        help=_("Ctrl+Enter in the editor does the same."),
    )
    st.button(_("Save as segment"), key="query.save", icon=":material/bookmark_add:", on_click=save)
    recall.examples_menu(ready_made)
    recall.history_menu(office.store, office.who)
    recall.tables_menu(tables)

saving.dialog_if_begun(office, warehouse)

question = asking.current()
if question is None:
    st.info(
        _(
            "Write a query above and press Ctrl+Enter, or open an example. Muster only ever reads: "
            "nothing you write here can change the data."
        ),
        icon=":material/lightbulb:",
    )
elif not question.finished.wait(asking.PATIENCE_S):
    asking.show_waiting(question, warehouse)
elif question.error is not None:
    errors.show(question.error)
elif question.preview is not None:
    results.show(question, warehouse)
