"""Mail: a message sent by SMTP, encrypted unless the server is told not to be."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from lib.channels.message import Message
from lib.errors import ChannelError, SettingsError

TIMEOUT_S = 20.0
Safety = Literal["none", "starttls", "tls"]
_SCHEMES: dict[str, tuple[Safety, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, and who we are to it."""

    host: str
    port: int
    safety: Safety
    user: str = ""
    password: str = field(default="", repr=False)


def server(smtp_url: str) -> Server:
    """Read the setting ``smtp_url``.

    Raises:
        SettingsError: it is empty, malformed, or would send a password unencrypted.
    """
    try:
        parts = urlsplit(smtp_url.strip())
        safety, usual = _SCHEMES[parts.scheme]
        port = parts.port or usual
    except (ValueError, KeyError):
        raise _unusable() from None
    if not parts.hostname:
        raise _unusable()
    user, password = _who(parts)
    if user and safety == "none":
        raise SettingsError(
            "The setting MUSTER_SMTP_URL would send its password unencrypted: begin it with "
            "smtp+starttls:// or smtps://, or leave user and password out."
        )
    return Server(parts.hostname, port, safety, user, password)


def send(
    to: Server,
    sender: str,
    recipient: str,
    message: Message,
    *,
    ident: str,
    timeout_s: float = TIMEOUT_S,
) -> str:
    """Hand a message to the mail server.

    Args:
        to: the server.
        sender: address it comes from.
        recipient: address it goes to.
        message: what it says.
        ident: the same for the same message, so that one that was sent twice shows once.
        timeout_s: longest to wait for each answer.

    Returns:
        That the server took it.

    Raises:
        SettingsError: there is no sender.
        ChannelError: the server did not take it; no address is in the sentence.
    """
    if "@" not in sender:
        raise SettingsError("Mail needs the setting MUSTER_MAIL_FROM: the address it comes from.")
    letter = _letter(sender, recipient, message, ident)
    return _plainly(lambda: _hand_over(to, letter, timeout_s))


def _letter(sender: str, recipient: str, message: Message, ident: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = recipient
    letter["Subject"] = f"Muster: {message.subject}"
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{ident}@{sender.rpartition('@')[2]}>"
    # RFC 3834: holidays and robots do not answer it.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content("\n\n".join((*message.lines, message.link)).strip() + "\n")
    return letter


def _hand_over(to: Server, letter: EmailMessage, timeout_s: float) -> str:
    trust = ssl.create_default_context()
    if to.safety == "tls":
        way: smtplib.SMTP = smtplib.SMTP_SSL(to.host, to.port, timeout=timeout_s, context=trust)
    else:
        way = smtplib.SMTP(to.host, to.port, timeout=timeout_s)
    with way:
        if to.safety == "starttls":
            way.starttls(context=trust)
        if to.user:
            way.login(to.user, to.password)
        way.send_message(letter)
    return "The mail server took it."


def _plainly(hand_over: Callable[[], str]) -> str:
    """Turn what smtplib raises, which holds addresses, into sentences that do not."""
    try:
        return hand_over()
    except smtplib.SMTPAuthenticationError:
        reason = "The mail server refused the user or password of the setting MUSTER_SMTP_URL."
    except smtplib.SMTPRecipientsRefused:
        reason = "The mail server refused the recipient; check the channel's address."
    except smtplib.SMTPSenderRefused:
        reason = "The mail server refused the sender; check the setting MUSTER_MAIL_FROM."
    except smtplib.SMTPNotSupportedError:
        reason = "The mail server does not offer what MUSTER_SMTP_URL asks for, such as STARTTLS."
    except smtplib.SMTPResponseException as error:
        reason = f"The mail server did not take the notice (status {error.smtp_code})."
    except ssl.SSLError:
        reason = "The mail server's certificate is not trusted, or it speaks another protocol."
    except TimeoutError:
        reason = "The mail server did not answer in time."
    except (smtplib.SMTPException, OSError, UnicodeError):
        reason = "The mail server cannot be reached, or broke off."
    raise ChannelError(reason)


def _who(parts: SplitResult) -> tuple[str, str]:
    return unquote(parts.username or ""), unquote(parts.password or "")


def _unusable() -> SettingsError:
    return SettingsError(
        "Mail needs the setting MUSTER_SMTP_URL, written like "
        "smtp+starttls://user:password@host:587 or smtps://user:password@host:465."
    )
