"""For how long files with contacts are kept: said to everybody, chosen by administrators."""

import streamlit as st

from lib.config import Office
from lib.runs.keeping import retention
from lib.ui import errors, words
from lib.ui.text import _, plural

_DAYS, _SAVED = "retention.days", "retention.saved"


def draw(office: Office, *, editable: bool) -> None:
    """Draw how long, what that means, and the choice.

    Args:
        office: where, and who.
        editable: the person is an administrator.
    """
    days = retention.days(office.store, office.settings)
    st.markdown(
        plural(
            "Files with contacts of plans and runs are kept **{count} day**.",
            "Files with contacts of plans and runs are kept **{count} days**.",
            days,
        )
        if days
        else _("Files with contacts of plans and runs are kept **until you remove them**.")
    )
    st.caption(
        _(
            "Older ones are removed once a day, with rejections and queries of that age. The "
            "history keeps each run with its numbers. A run whose files are gone cannot be undone."
        )
    )
    if not editable:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            _("Days"),
            value=days,
            min_value=0,
            max_value=retention.MOST_DAYS,
            step=30,
            key=f"{_DAYS}.{days}",
            help=_("0 keeps them until you remove them."),
            width=180,
        )
        st.button(_("Save"), key="retention.save", on_click=_save, args=(office, f"{_DAYS}.{days}"))
    if st.session_state.pop(_SAVED, False):
        st.caption(_(":green[:material/check: Saved.]"))
    if days and office.settings.retention_days and days != office.settings.retention_days:
        st.caption(
            _("It goes before the setting retention_days, which says {days}.").format(
                days=words.number(office.settings.retention_days)
            )
        )


def _save(office: Office, key: str) -> None:
    chosen = int(st.session_state[key])
    if errors.attempt(retention.choose, office.store, office.who, chosen):
        st.session_state[_SAVED] = True
