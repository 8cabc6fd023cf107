"""Names that people give, and ids that we give."""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Table, or_
from sqlalchemy.exc import IntegrityError

from lib.errors import InputError, NameTakenError

LONGEST = 100
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
_ID = re.compile(rf"(con|seg|exp|pln|run|chn)_[{_ALPHABET}]{{8}}")


def new_id(prefix: str) -> str:
    """Make a random id of 40 bits, such as ``seg_3k9xw2m7``; the database refuses a repeat."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def clean(name: str, noun: str) -> str:
    """Trim a name and bring it to Unicode's composed form.

    Raises:
        InputError: it is empty, longer than 100 characters, has control characters, or reads
            like one of our ids (a command could not tell which is meant).
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned:
        raise InputError(f"Give the {noun} a name.")
    if len(cleaned) > LONGEST:
        raise InputError(
            f"The name of the {noun} has {len(cleaned)} characters; use at most {LONGEST}."
        )
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in cleaned):
        raise InputError(f"The name of the {noun} holds a line break or control character.")
    if _ID.fullmatch(cleaned.casefold()):
        raise InputError(f"“{cleaned}” looks like an id; give the {noun} another name.")
    return cleaned


def key(name: str) -> str:
    """The form in which two names are the same name: without regard to case, width or spaces."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFC", " ".join(folded.split()))


def named(table: Table, ref: str) -> ColumnElement[bool]:
    """The row that goes by this name or id."""
    return or_(table.c.id == ref.strip(), table.c.name_key == key(ref))


@contextmanager
def claiming(name: str, noun: str) -> Iterator[None]:
    """Turn the database's refusal of a second row of this name into a sentence."""
    try:
        yield
    except IntegrityError as error:
        if "name_key" not in str(error.orig):
            raise
        raise NameTakenError(
            f"Another {noun} is called “{name}” already; choose another name."
        ) from None


def listed(quoted: tuple[str, ...], most: int = 5) -> str:
    """Write names into a sentence: “A”, “B” and 3 more."""
    shown = ", ".join(f"“{name}”" for name in quoted[:most])
    rest = len(quoted) - most
    return f"{shown} and {rest} more" if rest > 0 else shown
