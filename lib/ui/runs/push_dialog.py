"""The last question before anything is sent."""

import streamlit as st

from lib.config import Office
from lib.runs import desk as work
from lib.store.exports import Export
from lib.store.plans import Plan
from lib.ui import dialogs, errors, session, statuses, words
from lib.ui.markdown import literal
from lib.ui.runs.forecast import Forecast
from lib.ui.text import _

NAME = "review.push"
_STARTED = "review.started"


def ask() -> None:
    """Open it; for callbacks."""
    dialogs.ask(NAME)


def leave_when_started() -> None:
    """Go where the run can be watched, when one was just started."""
    if st.session_state.pop(_STARTED, False):
        st.switch_page("pages/exports/runs.py")


def draw(office: Office, export: Export, plan: Plan, found: Forecast) -> None:
    """Draw the question when it was asked for."""
    if dialogs.asked(NAME):
        question = (
            _("Undo {count} changes in {audience}?")
            if plan.undoes
            else _("Push {count} contacts to {audience}?")
        )
        title = question.format(
            count=words.number(found.sending),
            audience=literal(export.audience_name or export.audience_id),
        )
        dialogs.draw(title, _question, office, export, plan, found)


def _question(office: Office, export: Export, plan: Plan, found: Forecast) -> None:
    where = (
        _("In **{audience}**, in the account behind **{connection}**:")
        if plan.undoes
        else _("They go to **{audience}** in the account behind **{connection}**.")
    )
    st.markdown(
        where.format(
            audience=literal(export.audience_name or export.audience_id),
            connection=literal(export.connection_name),
        )
    )
    lines = _undoing(found) if plan.undoes else _pushing(export, found)
    st.markdown("\n".join(f"- **{words.number(count)}** {text}" for count, text in lines if count))
    st.caption(_("Nobody who unsubscribed is subscribed again. You can cancel while it runs."))
    st.button(
        _("Approve and undo") if plan.undoes else _("Approve and push"),
        key="review.approve",
        type="primary",
        icon=":material/undo:" if plan.undoes else ":material/send:",
        on_click=_approve,
        args=(office, plan),
    )


def _pushing(export: Export, found: Forecast) -> list[tuple[int, str]]:
    status = statuses.called(export.options.status_if_new)
    return [
        (found.fates.get("added", 0), _("added as {status}").format(status=status)),
        (found.fates.get("updated", 0), _("updated with the values that differ")),
        (found.fates.get("left", 0), _("that left the segments, treated as you chose")),
    ]


def _undoing(found: Forecast) -> list[tuple[int, str]]:
    return [
        (found.fates.get("updated", 0), _("get the values and tags back that they had")),
        (found.fates.get("left", 0), _("that the run added are archived")),
    ]


def _approve(office: Office, plan: Plan) -> None:
    """Approve what was looked at, and start it."""

    def start() -> None:
        run = work.approve_and_start(
            office.store, office.settings, office.who, plan.id, fingerprint=plan.fingerprint
        )
        session.choose(run_id=run.id)

    if errors.attempt(start):
        dialogs.close()
        st.session_state[_STARTED] = True
        st.rerun()
