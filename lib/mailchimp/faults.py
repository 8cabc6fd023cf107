"""Faults: from what Mailchimp answers to who can do what about it, one sentence each.

Wordings are Mailchimp's error glossary and recorded answers; no sentence repeats an address or key.
"""

import re
from collections.abc import Mapping
from typing import Any

from lib.errors import (
    CredentialsError,
    MailchimpError,
    MissingError,
    RequestError,
    ThrottledError,
    UnavailableError,
)

DOWN = "Mailchimp does not answer properly at the moment; nothing was lost, try again later."
UNREACHABLE = (
    "Mailchimp cannot be reached; check this machine's network, and the connection's address."
)
IN_DOUBT = (
    "Mailchimp's answer to a write was lost, so it may have been applied; "
    "run it again, which is safe, or read the audience back."
)
BAD_KEY = (
    "Mailchimp does not accept this API key or sign-in: it is mistyped or revoked, or another data "
    "centre's; put a new key into the connection, or renew its sign-in."
)
THROTTLED = (
    "Mailchimp answers no more calls for now, as too many connections are open; "
    "try again later, and see what else uses this account."
)
BLOCKED = (
    "Mailchimp turned this call away before looking at it; try again later, "
    "and if it stays so, give Mailchimp's support the time of the call."
)
NO_AUDIENCE = "This account has no audience with this ID; pick one from the account's list."
NO_MEMBER = "The audience or this contact of it no longer exists in Mailchimp; take a new snapshot."
NO_SUCH = "Mailchimp has nothing at this address; check the connection's address and the tag or ID."

_ADDRESS = re.compile(r"\S+@\S+")
_DATA_CENTRE = re.compile(r"datacenter '?([a-z]{2,8}\d{1,4})'?")


def explain(status: int, path: str, problem: Mapping[str, Any]) -> tuple[type[MailchimpError], str]:
    """Return the error class and the sentence for a refusal.

    Args:
        status: HTTP status, 3xx, 4xx or 503.
        path: path of the call under ``/3.0``.
        problem: Mailchimp's problem document, empty when the answer had none.
    """
    # At high volume a 403 without JSON means throttling as well (fundamentals page).
    if status == 429 or (status == 403 and not problem):
        return ThrottledError, THROTTLED
    if status in {401, 403}:
        return CredentialsError, BAD_KEY if status == 401 else _forbidden(problem)
    if status == 404:
        return MissingError, _missing(path)
    if status == 503 or status < 400:
        return UnavailableError, BLOCKED
    return RequestError, _refusal(status, problem)


def _forbidden(problem: Mapping[str, Any]) -> str:
    detail = str(problem.get("detail") or "")
    other = _DATA_CENTRE.search(detail)
    if other:
        return (
            f"This API key belongs to data centre {other[1]}; "
            f"end the key in -{other[1]}, and let the connection's address say the same."
        )
    if "disabled" in detail.lower():
        return "Mailchimp has disabled this account; sign in to Mailchimp to see why."
    return (
        "The key's user lacks the right to do this in Mailchimp; "
        "use a key of a manager, admin or owner of the account."
    )


def _missing(path: str) -> str:
    parts = path.strip("/").split("/")
    if parts[0] != "lists" or len(parts) < 2:
        return NO_SUCH
    if len(parts) > 3:
        return NO_MEMBER if parts[2] == "members" else NO_SUCH
    return NO_AUDIENCE


def _refusal(status: int, problem: Mapping[str, Any]) -> str:
    title = without_addresses(str(problem.get("title") or f"HTTP {status}"))
    detail = without_addresses(str(problem.get("detail") or "no reason given"))
    return f"Mailchimp refuses this request ({title}): {detail.rstrip('.')}."


def without_addresses(words: str) -> str:
    """The words with every email address in them taken out."""
    return _ADDRESS.sub("(address)", words)
