"""Email addresses: the one normal form, and which ones are not believed."""

import hashlib
import re

_SHAPE = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]{1,64}"
    r"@(?:[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\-\u0080-\U0010ffff]{0,61}"
    r"[A-Za-z0-9\u0080-\U0010ffff])?\.)+[A-Za-z\u0080-\U0010ffff][A-Za-z0-9\-\u0080-\U0010ffff]{1,62}"
)
# Reserved by RFC 2606 and RFC 6761, and slips of the finger that are no top-level domains.
FAKE_DOMAINS = frozenset({"example.com", "example.net", "example.org", "test.com"})
FAKE_ENDINGS = frozenset(
    {"example", "invalid", "local", "localhost", "test", "con", "cmo", "vom", "comm", "ocm"}
)


def digest(email: str) -> bytes:
    """The member's id as 16 bytes: MD5 of the lower-cased address (Marketing API reference)."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).digest()


def fault(email: str) -> str:
    """What the API says about an address that it does not take; empty for a good one."""
    local, _, domain = email.rpartition("@")
    if len(email) > 254 or not _SHAPE.fullmatch(email) or ".." in local or local[:1] == ".":
        return "Please provide a valid email address."
    folded = domain.lower()
    if folded in FAKE_DOMAINS or folded.rpartition(".")[2] in FAKE_ENDINGS:
        return f"{email} looks fake or invalid, please enter a real email address."
    return ""
