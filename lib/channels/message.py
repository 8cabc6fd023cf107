"""What a notice says: which export, what happened to it, when, in numbers, and what to do.

It leaves the installation, so whatever looks like an address or a key in it is blotted out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_BLOT = "•••"
_SECRETS = re.compile(r"[^\s@“”\"'<>(),;]+@[^\s@“”\"'<>(),;]+|\b[0-9a-f]{32}(-[a-z]+\d+)?\b")
_NUMBERS = (
    ("added", "added"),
    ("updated", "updated"),
    ("unchanged", "unchanged"),
    ("left", "left the segments"),
    ("suppressed", "suppressed"),
    ("invalid", "invalid"),
    ("duplicate", "duplicates"),
    ("rejected", "rejected"),
    ("in_doubt", "in doubt"),
    ("not_sent", "not sent"),
)
_HAPPENED = {
    "failed": ("Failed", "failed"),
    "stopped": ("Stopped by a guard rail", "was stopped by a guard rail"),
    "interrupted": ("Interrupted", "was interrupted before its end"),
    "rejections": ("Contacts rejected", "finished, and Mailchimp rejected contacts"),
    "held": ("Did not run", "came due and did not run"),
    "recovered": ("Recovered", "works again"),
}
_ADVICE = {
    "failed": "What to do: put right what the reason names, then resume the run or run it again.",
    "stopped": "What to do: see on the page Runs what was sent, then resume the run or leave it.",
    "interrupted": "What to do: resume the run later; what was sent is not sent again.",
    "rejections": "What to do: see on the page Runs who was rejected and why.",
    "held": "What to do: put that right on the page Exports; it does not run before.",
    "recovered": "Nothing is to be done.",
}
_UNBEGUN = "What to do: look at the plan on the page Review, and approve it if it is right."


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in words."""

    subject: str
    lines: tuple[str, ...]
    link: str = ""
    """To the page where something can be done; empty when nobody said where people reach it."""


def compose(event: str, facts: Mapping[str, object], at: datetime, public_url: str) -> Message:
    """Put a change of an export's condition into words.

    Args:
        event: failed, stopped (by a guard rail), interrupted, rejections, held (back: it may not
            run by itself as it is) or recovered.
        facts: export (its name), export_id, run (its id), begun (whether it could send anything),
            reason, outcomes (contacts by outcome).
        at: when, in the organisation's time zone.
        public_url: where people reach this installation; empty when unknown.
    """
    title, happened = _HAPPENED[event]
    name, reason = str(facts.get("export", "")), str(facts.get("reason", "")).strip()
    outcomes = facts.get("outcomes")
    asks = event == "stopped" and not facts.get("begun")
    lines = (
        f"The export “{name}” {happened} ({at:%Y-%m-%d %H:%M %Z}).",
        f"Reason: {reason}" if reason and event != "recovered" else "",
        _numbers(outcomes if isinstance(outcomes, Mapping) else {}),
        _UNBEGUN if asks else _ADVICE[event],
    )
    page = "overview" if event == "held" else f"runs?run={facts.get('run', '')}"
    if asks:
        page = f"review?export={facts.get('export_id', '')}"
    link = f"{public_url.rstrip('/')}/{page}" if public_url else ""
    return Message(
        blotted(f"{title}: {name}"), tuple(blotted(line) for line in lines if line), link
    )


def trial(public_url: str) -> Message:
    """Return the message that tries a channel."""
    said = "This is a trial: notices of exports will arrive here. Nothing is to be done."
    return Message("Muster can reach you", (said,), public_url)


def blotted(text: str) -> str:
    """Blot out what looks like an address or a key."""
    return _SECRETS.sub(_BLOT, text)


def _numbers(outcomes: Mapping[str, int]) -> str:
    told = [f"{outcomes[key]:,} {word}" for key, word in _NUMBERS if outcomes.get(key)]
    return f"Contacts: {', '.join(told)}." if told else "No contact was touched."
