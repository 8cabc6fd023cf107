"""The dialogs of exports, one or several: run, schedule, duplicate, connect, remove."""

from collections.abc import Callable, Sequence

import streamlit as st

from lib.config import Office, removal
from lib.config import exports as config_exports
from lib.config.schedule import Standing
from lib.store import connections, exports
from lib.store.exports import Export
from lib.ui import dialogs, session
from lib.ui.exports import export_acts, standings
from lib.ui.text import _, plural

_NAME, _CONNECTION = "export.copy.name", "export.connection"


def draw(office: Office, chosen: Sequence[Standing]) -> None:
    """Draw the dialog that was asked for, if any, on these exports."""
    if not chosen:
        return
    forms = {
        "export.duplicate": (_("Duplicate"), _duplicate),
        "export.attach": (_("Give a connection"), _attach),
        "export.detach": (_("Take the connection away"), _detach),
        "export.remove": (_("Remove"), _remove),
    }
    for name, (title, form) in forms.items():
        if dialogs.asked(name):
            dialogs.draw(title, form, office, chosen)


def _duplicate(office: Office, chosen: Sequence[Standing]) -> None:
    if len(chosen) == 1:
        copy = _("{name} (copy)").format(name=chosen[0].export.name)
        st.text_input(_("Name of the copy"), value=copy, key=_NAME, max_chars=100)
    else:
        st.write(_("Duplicate {names}?").format(names=standings.named(chosen)))
    st.caption(
        _(
            "A copy has the same audience, data matching, segments, schedule and guard rails. It "
            "is switched off, and it sends nothing."
        )
    )
    _draw_yes(_("Duplicate"), _copy, office, chosen)


def _copy(office: Office, chosen: Sequence[Standing]) -> None:
    typed = str(st.session_state.get(_NAME, "")) if len(chosen) == 1 else ""

    def one(export: Export) -> None:
        name = typed if len(chosen) == 1 else _("{name} (copy)").format(name=export.name)
        made = exports.duplicate(office.store, office.who, export.id, name)
        session.choose(export_id=made.id)

    export_acts.each(chosen, one, _("Duplicated, the copies are switched off: {names}."))


def _attach(office: Office, chosen: Sequence[Standing]) -> None:
    names = {one.id: one.name for one in connections.all(office.store, office.who)}
    if not names:
        st.info(_("No connection is shared with you. Ask an administrator to share one."))
        return
    st.write(
        _("Through which connection does {names} reach Mailchimp?").format(
            names=standings.named(chosen)
        )
    )
    st.selectbox(
        _("Connection"), list(names), format_func=names.__getitem__, key=_CONNECTION, required=True
    )
    st.caption(
        _(
            "The account must hold the same audience. It is switched on, and its rules have to be "
            "approved again before it runs by itself."
        )
    )
    _draw_yes(_("Give the connection"), _give, office, chosen)


def _give(office: Office, chosen: Sequence[Standing]) -> None:
    connection = str(st.session_state.get(_CONNECTION, ""))

    def one(export: Export) -> None:
        config_exports.attach(office, export.id, connection)

    export_acts.each(chosen, one, _("Connected: {names}."))


def _detach(office: Office, chosen: Sequence[Standing]) -> None:
    st.write(
        _(
            "Take the connection away from {names}? The set-up is kept, switched off, until it is "
            "given another connection. Nothing in Mailchimp changes."
        ).format(names=standings.named(chosen))
    )
    _draw_yes(_("Take it away"), _take, office, chosen)


def _take(office: Office, chosen: Sequence[Standing]) -> None:
    def one(export: Export) -> None:
        exports.detach(office.store, office.who, export.id)

    export_acts.each(chosen, one, _("Without a connection now: {names}."))


def _remove(office: Office, chosen: Sequence[Standing]) -> None:
    st.write(_("Remove {names}?").format(names=standings.named(chosen)))
    st.markdown(
        "\n".join(
            f"- {line}"
            for line in (
                _("The set-up, its schedule and its guard rails are gone for good."),
                _("Contacts in Mailchimp stay as they are, with their tags."),
                _("Past runs stay in the history; they cannot be undone any more."),
            )
        )
    )
    label = plural("Remove {count} export", "Remove {count} exports", len(chosen))
    _draw_yes(label, _delete, office, chosen)


def _delete(office: Office, chosen: Sequence[Standing]) -> None:
    def one(export: Export) -> None:
        removal.let_go(office, export.id, "remove")
        if session.choice().export_id == export.id:
            session.choose(export_id="")

    export_acts.each(chosen, one, _("Removed, the runs stay in the history: {names}."))


def _draw_yes(
    label: str, action: Callable[..., object], office: Office, chosen: Sequence[Standing]
) -> None:
    dialogs.draw_finish(label, action, office, chosen, key="export.save")
