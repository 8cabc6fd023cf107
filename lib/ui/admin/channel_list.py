"""Who is told when an export fails or works again: the channels, and what they were told last."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from lib.access import Action, may
from lib.config import Office
from lib.errors import MusterError
from lib.runs import notices as telling
from lib.store import channels, notices
from lib.store.channels import Channel
from lib.store.notices import Notice
from lib.ui import dialogs, errors, moments
from lib.ui.admin import channel_forms
from lib.ui.markdown import literal
from lib.ui.text import _, plural, said

_SHOWN = 20
"""Notices of the past that are listed."""


def draw(office: Office) -> None:
    """Draw the channels with what can be done with them; only administrators see them."""
    st.caption(
        _(
            "A chat or a mailbox hears once when an export fails, is stopped by a guard rail, "
            "finishes with rejections, does not run though it is due, or works again. No contact "
            "is named."
        )
    )
    if not may(office.who, Action.EDIT_SYSTEM):
        st.info(_("Only administrators see and change who is told."), icon=":material/lock:")
        return
    known = channels.all(office.store, office.who)
    told = notices.log(office.store, office.who, limit=_SHOWN)
    for channel in known:
        _draw_channel(office, channel, _trouble(channel, told))
    if not known:
        st.info(_("Nobody is told yet."), icon=":material/notifications_off:")
    if not office.settings.smtp_url and not told and any(one.kind == "mail" for one in known):
        st.warning(
            _("Mail waits: whoever runs this installation sets smtp_url and mail_from."),
            icon=":material/mail_off:",
        )
    _draw_additions()
    if told:
        _draw_log(told, office.settings.time_zone)
    channel_forms.draw(office)


def _trouble(channel: Channel, told: Sequence[Notice]) -> str:
    """Return why the channel did not take the last notice that was tried; empty when it did."""
    tried = (one for one in told if one.channel_id == channel.id and one.attempts)
    last = next(tried, None)
    return last.error if last is not None and last.sent_at is None else ""


def _draw_channel(office: Office, channel: Channel, trouble: str) -> None:
    icon = ":material/mail:" if channel.kind == "mail" else ":material/webhook:"
    with st.container(border=True, key=f"channels.card.{channel.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{icon} **{literal(channel.name)}**", width="content")
            # As code, because Markdown would make a link of it.
            st.caption(f"`{channel.address.replace('`', '')}`", width="content")
            if not channel.active:
                st.badge(_("off"), icon=":material/notifications_off:", color="gray")
        with st.container(horizontal=True):
            wanted = st.button(_("Test"), key=f"channels.test.{channel.id}", icon=":material/send:")
            st.button(
                _("Switch off") if channel.active else _("Switch on"),
                key=f"channels.switch.{channel.id}",
                icon=":material/notifications_paused:"
                if channel.active
                else ":material/notifications_active:",
                on_click=dialogs.stay,
                args=(_switch, office, channel),
            )
            st.button(
                _("Remove"),
                key=f"channels.remove.{channel.id}",
                icon=":material/delete:",
                on_click=channel_forms.ask_removal,
                args=(channel.id,),
            )
        if wanted:
            _try(office, channel)
        elif trouble:
            st.warning(
                _("The last notice did not arrive: {reason}").format(reason=said(trouble)),
                icon=":material/error:",
            )


def _try(office: Office, channel: Channel) -> None:
    try:
        with st.spinner(_("Sending a trial message …")):
            answer = telling.test(office.store, office.settings, office.who, channel.id)
    except MusterError as error:
        errors.show(error)
    else:
        st.success(
            _("A trial message was taken ({answer}). See whether it arrived.").format(
                answer=said(answer)
            ),
            icon=":material/check_circle:",
        )


def _switch(office: Office, channel: Channel) -> None:
    channels.switch(office.store, office.who, channel.id, active=not channel.active)


def _draw_additions() -> None:
    with st.container(horizontal=True):
        for kind, label, icon in (
            ("webhook", _("Add a webhook"), ":material/webhook:"),
            ("mail", _("Add a mail address"), ":material/mail:"),
        ):
            st.button(
                label,
                key=f"channels.new.{kind}",
                icon=icon,
                on_click=dialogs.ask,
                args=(f"channel.{kind}",),
            )


def _draw_log(told: Sequence[Notice], zone: str) -> None:
    events, states = _events(), _states()
    failing = sum(1 for one in told if one.error)
    title = _("What was told last")
    if failing:
        title += " · " + plural("{count} with an error", "{count} with an error", failing)
    with st.expander(title, icon=":material/outbox:", expanded=bool(failing)):
        st.dataframe(
            pl.DataFrame(
                {
                    _("When"): [moments.said(one.at, zone) for one in told],
                    _("Export"): [str(one.body.get("export", "")) for one in told],
                    _("Event"): [events.get(one.event, one.event) for one in told],
                    _("Channel"): [one.channel_name for one in told],
                    _("State"): [states[one.state] for one in told],
                    _("Error"): [said(one.error) for one in told],
                }
            ),
            hide_index=True,
            alt=_("Notices of the past, newest first"),
        )


def _events() -> dict[str, str]:
    return {
        "failed": _("failed"),
        "stopped": _("stopped by a guard rail"),
        "interrupted": _("interrupted"),
        "rejections": _("finished with rejections"),
        "held": _("did not run"),
        "recovered": _("works again"),
    }


def _states() -> dict[str, str]:
    return {"sent": _("sent"), "waiting": _("waiting"), "given up": _("given up")}
