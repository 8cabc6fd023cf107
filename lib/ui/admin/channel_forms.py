"""The dialogs of a channel: add a webhook, add a mail address, remove one."""

import streamlit as st

from lib.config import Office
from lib.store import channels
from lib.store.channels import Kind
from lib.ui import dialogs
from lib.ui.markdown import literal
from lib.ui.text import _

_NAME, _TARGET, _CHOSEN = "channel.name", "channel.target", "channels.chosen"


def ask_removal(channel_id: str) -> None:
    """Ask whether a channel is to be removed; for callbacks."""
    st.session_state[_CHOSEN] = channel_id
    dialogs.ask("channel.remove")


def draw(office: Office) -> None:
    """Draw the dialog that was asked for, if any."""
    if dialogs.asked("channel.webhook"):
        dialogs.draw(_("Add a webhook"), _webhook, office, width="medium")
    elif dialogs.asked("channel.mail"):
        dialogs.draw(_("Add a mail address"), _mail, office, width="medium")
    elif dialogs.asked("channel.remove"):
        dialogs.draw(_("Remove channel"), _removal, office)


def _webhook(office: Office) -> None:
    st.text_input(_("Name"), key=_NAME, max_chars=100, placeholder=_("Marketing chat"))
    st.text_input(
        _("URL of the webhook"),
        key=_TARGET,
        type="password",
        autocomplete="off",
        placeholder="https://hooks.slack.com/services/…",
        help=_(
            "Slack makes one under Apps, Incoming Webhooks; Mattermost, Rocket.Chat and others "
            "take the same messages. It is kept encrypted and never shown again."
        ),
    )
    _draw_save(office, "webhook")


def _mail(office: Office) -> None:
    st.text_input(_("Name"), key=_NAME, max_chars=100, placeholder=_("Marketing team"))
    st.text_input(_("Mail address"), key=_TARGET, placeholder="marketing@example.org")
    _draw_save(office, "mail")


def _draw_save(office: Office, kind: Kind) -> None:
    dialogs.draw_finish(_("Add"), _add, office, kind, key="channel.save")


def _removal(office: Office) -> None:
    channel = channels.get(office.store, office.who, str(st.session_state.get(_CHOSEN, "")))
    st.write(
        _("**{name}** is told nothing any more, and the log of what it was told is gone.").format(
            name=literal(channel.name)
        )
    )
    dialogs.draw_finish(
        _("Remove"), channels.remove, office.store, office.who, channel.id, key="channel.save"
    )


def _add(office: Office, kind: Kind) -> None:
    name, target = (str(st.session_state.get(key, "")) for key in (_NAME, _TARGET))
    channels.add(office.store, office.who, name=name, kind=kind, target=target)
