"""Fates of contacts and the reasons for them, in words."""

from enum import StrEnum

from lib.sql import text


class Fate(StrEnum):
    """What would become of a contact; every contact has exactly one."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPPRESSED = "suppressed"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    LEFT = "left"


_TYPE = f"enum({', '.join(text(fate.value) for fate in Fate)})"


def as_fate(fate: Fate) -> str:
    """Return SQL for a fate: a number to DuckDB, which is quicker to write than a text."""
    return f"cast({text(fate.value)} as {_TYPE})"


REASONS = {
    "email_missing": "The profile has no address.",
    "email_syntax": "This is not an address.",
    "email_too_long": "The address, or a part of it, is longer than mail allows.",
    "email_reserved": "The domain is reserved and receives no mail.",
    "email_typo": "The address ends in a mistyped domain.",
    "required_missing": "A required field has no usable value",
    "same_address": "Same address as profile",
    "unsubscribed": "Unsubscribed in Mailchimp; stays so.",
    "cleaned": "Mail to this address bounced; Mailchimp cleaned it.",
    "pending": "Has not confirmed the subscription yet.",
    "archived": "Archived in Mailchimp; stays so.",
    "rejected_before": "Mailchimp refused this address before",
    "unknown_status": "Mailchimp gives a status that is not known here.",
    "untag": "Is in none of the segments any more; loses the tags this export gave.",
    "wanted_elsewhere": "Is in none of the segments any more, but another export to this audience"
    " has it; is not archived, and loses the tags this export gave.",
    "archive": "Is in none of the segments any more; will be archived.",
    "removed": "Is not in the audience any more; nobody is added again.",
    "stays_archived": "The run archived this member; bringing it back would subscribe it again.",
    "own_word": "Added by the run, but has another status since; stays.",
    "touched_since": "Added by the run, but changed since; stays.",
    "unproven": "Added by the run, but nobody can tell whether it was changed since; stays.",
    "wanted_too": "Added by the run, but another export to this audience has it; stays.",
    "not_ours": "Mailchimp did not say for certain that the run added this contact; stays.",
    "changed_since": "Changed since the run; left as it is now.",
    "tags_unseen": "Has more tags than Mailchimp shows; its tags are left as they are.",
    "as_before": "Is as it was before the run already.",
    "partly": "Changed since the run and left as it is now",
    "must_stay": "Was empty before, but is required now, so the value stays",
}
"""What each reason of a plan means; the ones without a full stop go on with particulars."""


def detail(reason: str, particulars: str) -> str:
    """Return SQL for the words of a reason.

    Args:
        reason: SQL of the code.
        particulars: SQL of what follows, NULL when nothing does.
    """
    cases = "".join(f" when {text(code)} then {text(words)}" for code, words in REASONS.items())
    return f"concat_ws(': ', case {reason} when '' then ''{cases} end, {particulars})"
