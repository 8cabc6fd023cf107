"""What a person agrees to before data leave over a connection, and what is kept of it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

TERMS = (
    "Exports over this connection hand contact data, possibly personal data, to Mailchimp. They "
    "then lie outside this installation and its protection. Your organisation answers for having "
    "the right to pass them on, and for Mailchimp meeting the duties you have. An administrator "
    "can withdraw this consent at any time; nothing is sent from then on."
)
"""The wording of now; a connection keeps the one that was agreed to."""
NONE_NEEDED = "No consent is needed: the connection leads to this machine, and no data leave it."
"""Kept in place of a wording for a practice connection."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is kept of a consent: columns of a connection."""

    agreed_by: str | None
    """None where nobody was asked, as none is needed, and where it was withdrawn."""
    agreed_at: datetime | None
    agreed_terms: str
    """The wording, whole; empty where it was withdrawn, or given before wordings were kept."""


WITHDRAWN = Agreement(None, None, "")


def given(who: str, at: datetime, *, practice: bool) -> Agreement:
    """Return what is kept when a connection may be used from now on."""
    return Agreement(None, at, NONE_NEEDED) if practice else Agreement(who, at, TERMS)


def version(terms: str) -> str:
    """Tell wordings apart by the beginning of their SHA-256, such as ``3f9a1c04``."""
    return sha256(terms.encode()).hexdigest()[:8]
