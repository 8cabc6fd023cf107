"""Webhooks: a message posted as JSON that Slack, Mattermost, Rocket.Chat and others understand.

The shape ``{"text": …}``, the three characters to escape and ``<url|words>`` are those of Slack's
incoming webhooks ("Formatting text for app surfaces"); its answers are ``ok`` or one word such as
``no_service``.
"""

import logging
import re

import requests

from lib.channels.message import Message
from lib.errors import ChannelError

TIMEOUT_S = 10.0
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Its debug lines hold whole URLs, and whoever knows a webhook's can write there.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
_WORD = re.compile(rb"[a-z_]{2,40}")


def send(url: str, message: Message, *, timeout_s: float = TIMEOUT_S) -> str:
    """Post a message once; a redirect is not followed, as it could lead the message anywhere.

    Returns:
        What the receiver answered, such as ``200 ok``.

    Raises:
        ChannelError: it did not take the message; the URL is not in the sentence.
    """
    try:
        with requests.post(
            url,
            json={"text": text(message)},
            timeout=timeout_s,
            allow_redirects=False,
            stream=True,
        ) as answer:
            said = f"{answer.status_code} {_word(answer)}".strip()
    except requests.exceptions.SSLError:
        raise ChannelError("The webhook's certificate is not trusted on this machine.") from None
    except requests.exceptions.Timeout:
        raise ChannelError(f"The webhook did not answer within {timeout_s:g} s.") from None
    except (requests.RequestException, UnicodeError, ValueError):
        raise ChannelError("The webhook's server cannot be reached.") from None
    if not 200 <= answer.status_code < 300:
        raise ChannelError(_refusal(answer.status_code, said))
    return said


def text(message: Message) -> str:
    """Write a message as one text in Slack's markup."""
    lines = [f"*{message.subject.translate(_ESCAPES)}*"]
    lines += [line.translate(_ESCAPES) for line in message.lines]
    if message.link:
        lines.append(f"<{message.link.translate(_ESCAPES)}|Open Muster>")
    return "\n".join(lines)


def _word(answer: requests.Response) -> str:
    """Read Slack's one word; anything else a server says is none of our business."""
    start = next(answer.iter_content(64), b"").strip()
    return start.decode() if _WORD.fullmatch(start) else ""


def _refusal(status: int, said: str) -> str:
    if 300 <= status < 400:
        return f"The webhook leads elsewhere (status {status}): give the URL it leads to."
    if status in (403, 404, 410):
        return f"The webhook is gone or closed (answer {said}): make a new one and give its URL."
    return f"The webhook did not take the notice (answer {said})."
