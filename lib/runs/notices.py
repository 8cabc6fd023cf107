"""Telling: notices leave the store for their channels, in threads of their own.

A receiver that is slow or away holds up neither runs nor other receivers. Failures are tried again
for about a day, ever more rarely, then given up with their reason in the log of notices.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from lib.access import Action, Person, require
from lib.channels import mail, message, webhook
from lib.channels.message import Message
from lib.errors import MusterError, NotFoundError
from lib.runs import mishaps
from lib.settings import Settings
from lib.store import channels, notices
from lib.store.channels import Channel
from lib.store.database import Store
from lib.store.notices import Notice

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often it is looked whether there is something to tell, in seconds."""
GIVE_UP = timedelta(days=1)
_FIRST, _LONGEST = timedelta(seconds=15), timedelta(hours=1)


@contextmanager
def watch(store: Store, settings: Settings, *, every_s: float = LOOK_S) -> Iterator[None]:
    """Tell what there is to tell for the length of the block; what is on its way then ends first.

    Args:
        store: where.
        settings: with ``smtp_url``, ``mail_from``, ``public_url`` and ``time_zone``.
        every_s: how often to look.
    """
    over = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(store, settings, every_s, over), name="notices", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test(store: Store, settings: Settings, who: Person, ref: str) -> str:
    """Send a trial message to a channel now, and return what it answered.

    Raises:
        ForbiddenError: not an administrator.
        NotFoundError: no such channel.
        SettingsError: a setting for mail is missing.
        ChannelError: the channel did not take it.
    """
    require(who, Action.EDIT_SYSTEM)
    channel = channels.get(store, who, ref)
    ident = f"muster-trial-{int(store.clock().timestamp() * 1000)}"
    return send(store, settings, channel, message.trial(settings.public_url), ident)


def deliver(store: Store, settings: Settings, notice: Notice) -> bool:
    """Try to send a notice once, and note how that went; say whether it was sent."""
    now = store.clock()
    again = now + pause(notice.attempts + 1)
    # Noted before it is sent: when success cannot be noted, it is not sent again in a moment.
    notices.attempt(store, notice, again)
    try:
        send(store, settings, notice, worded(notice, settings), _ident(notice))
    except NotFoundError:
        return False  # the channel was removed, and its notices with it
    except Exception as error:
        said = mishaps.said(error, f"sending notice {notice.id}")
        notices.failed(store, notice, said, for_good=again - notice.at >= GIVE_UP)
        return False
    notices.sent(store, notice)
    return True


def send(store: Store, settings: Settings, to: Channel | Notice, what: Message, ident: str) -> str:
    """Send a message to a channel, and return what it answered.

    Raises:
        NotFoundError: the channel is gone.
        SettingsError: a setting for mail is missing.
        ChannelError: the channel did not take it.
    """
    target = channels.target(store, to.channel_id if isinstance(to, Notice) else to.id)
    if to.kind == "webhook":
        return webhook.send(target, what)
    server = mail.server(settings.smtp_url)
    return mail.send(server, settings.mail_from, target, what, ident=ident)


def worded(notice: Notice, settings: Settings) -> Message:
    """Put a notice into words, its moment in the organisation's time zone."""
    at = notice.at.astimezone(ZoneInfo(settings.time_zone))
    return message.compose(notice.event, notice.body, at, settings.public_url)


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 15 s, 45 s, ... an hour."""
    factor: int = 3 ** min(attempts - 1, 10)
    return min(_FIRST * factor, _LONGEST)


def _watch(store: Store, settings: Settings, every_s: float, over: threading.Event) -> None:
    busy: dict[str, threading.Thread] = {}
    while not over.wait(every_s):
        try:
            notices.settle(store)
            _send_out(store, settings, busy, over)
        except Exception as error:
            log.warning("Notices wait: %s", mishaps.said(error, "looking what is to be told"))
    for thread in busy.values():
        thread.join()


def _send_out(
    store: Store, settings: Settings, busy: dict[str, threading.Thread], over: threading.Event
) -> None:
    """Give each channel that has something waiting, and is not at it yet, a thread."""
    waiting = sorted(notices.due(store, store.clock()), key=lambda one: (one.channel_id, one.id))
    for channel, listed in groupby(waiting, key=lambda one: one.channel_id):
        if (at_it := busy.get(channel)) and at_it.is_alive():
            continue
        busy[channel] = threading.Thread(
            target=_tell, args=(store, settings, list(listed), over), daemon=True
        )
        busy[channel].start()


def _tell(
    store: Store, settings: Settings, listed: Sequence[Notice], over: threading.Event
) -> None:
    """Send to one channel in order; when one fails, the rest waits for the next look."""
    try:
        for notice in listed:
            if over.is_set() or not deliver(store, settings, notice):
                return
    except MusterError as error:
        log.warning("Notices wait: %s", error)


def _ident(notice: Notice) -> str:
    return f"muster-{notice.id}-{int(notice.at.timestamp())}"
