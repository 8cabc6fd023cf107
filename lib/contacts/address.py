"""An email address: how it is cleaned, what makes it unusable, and the member id made from it.

All of it is DuckDB SQL over one text expression, so a million addresses cost no Python. Nothing
else in Muster normalises an address or computes a member id.
"""

from lib.contacts.domains import RESERVED_BEGIN, RESERVED_DOMAINS, RESERVED_TOPS, TYPO_TOPS
from lib.sql import text

LONGEST = 254
"""Bytes of a whole address (RFC 5321, with the erratum on RFC 3696)."""
LONGEST_LOCAL = 64
"""Bytes before the @ (RFC 5321, 4.5.3.1.1)."""
LONGEST_LABEL = 63
"""Letters between two dots of a domain (RFC 1035, 2.3.4, which counts bytes)."""

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?"
_ORDINARY = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2}|com|net|org)"
_PLAIN = rf"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@{_ORDINARY}"
_SYNTAX = rf"{_LOCAL}@(?:{_LABEL}\.)+(?:\p{{L}}[\p{{L}}\p{{M}}]+|xn--[a-z0-9-]+)"
_INVISIBLE = (
    r"[\x00-\x08\x0e-\x1f\x7f\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}]"
)
_SPACES = r"^[\s\p{Z}]+|[\s\p{Z}]+$"


def member_id(email: str) -> str:
    """Return SQL for Mailchimp's id of the member with this cleaned address.

    MD5 in hexadecimal of the lower-cased address (Mailchimp Marketing API 3.0 reference,
    lists/members, ``subscriber_hash``).
    """
    return f"md5(lower({email}))"


def is_plain(given: str) -> str:
    """Return SQL telling that an address needs no cleaning and that only its length can be wrong.

    One regular expression that nearly every real address matches, so the careful path runs for
    the few others only. No top-level domain of two letters is in lib.contacts.domains.
    """
    plain = f"regexp_full_match({given}, {text(_PLAIN)})"
    return f"({plain} and not contains({given}, {text(RESERVED_BEGIN)}))"


def clean(given: str) -> str:
    """Return SQL for the address as it will be sent, made from the one that was given.

    Takes away invisible characters, ``mailto:``, angle brackets and a name before them, spaces
    around it and a trailing dot or comma, and lower-cases the domain. Nothing else: it never
    guesses. The result is NULL or empty when nothing was given.
    """
    bare = f"regexp_replace({given}, {text(_INVISIBLE)}, '', 'g')"
    bare = f"regexp_replace({bare}, {text(_SPACES)}, '', 'g')"
    bare = rf"regexp_replace({bare}, '^[^<>]*<([^<>]*)>$', '\1')"
    bare = f"regexp_replace({bare}, '^(?i:mailto:)', '')"
    bare = rf"regexp_replace({bare}, '^[\s\p{{Z}}]+|[\s\p{{Z}},;.]+$', '', 'g')"
    return _lower_domain(bare)


def _lower_domain(email: str) -> str:
    # Whatever has two of @ is no address anyway.
    return (
        f"list_transform([{email}], lambda e: case when contains(e, '@') then "
        "left(e, instr(e, '@')) || lower(e[instr(e, '@') + 1:]) else e end)[1]"
    )


def problem(email: str) -> str:
    """Return SQL for the code of what makes a cleaned address unusable, or '' when it is usable.

    Codes: email_missing, email_syntax, email_too_long, email_reserved, email_typo. The first that
    applies.
    """
    return (
        f"case when {email} is null or {email} = '' then 'email_missing' "
        f"when not regexp_full_match({email}, {text(_SYNTAX)}) then 'email_syntax' "
        f"when {too_long(email)} then 'email_too_long' else {_domain_problem(email)} end"
    )


def too_long(email: str) -> str:
    """Return SQL telling that an address, or a part of it, is longer than mail allows."""
    label = rf"[@.][^@.]{{{LONGEST_LABEL + 1},}}(?:\.[^@]*)?$"
    # The short ones, nearly all, are not looked through.
    return (
        f"(strlen({email}) > {LONGEST_LABEL} and (strlen({email}) > {LONGEST}"
        f" or instr({email}, '@') > {LONGEST_LOCAL + 1} or regexp_matches({email}, {text(label)})))"
    )


def _domain_problem(email: str) -> str:
    reserved, typo = _ending(RESERVED_DOMAINS, RESERVED_TOPS), _ending((), TYPO_TOPS)
    either = _ending(RESERVED_DOMAINS, (*RESERVED_TOPS, *TYPO_TOPS))
    return (
        f"case when not regexp_matches({email}, {text(either)}) then '' "
        f"when regexp_matches({email}, {text(typo)}) then 'email_typo' "
        f"when regexp_matches({email}, {text(reserved)}) then 'email_reserved' else '' end"
    )


def _ending(domains: tuple[str, ...], tops: tuple[str, ...]) -> str:
    names = "|".join(name.replace(".", r"\.") for name in domains)
    whole = rf"[@.](?:{names})$|" if names else ""
    return rf"{whole}\.(?:{'|'.join(tops)})$"
