"""Merge values: what each type of field takes, in which form it is kept, and what is refused.

Messages marked *recorded* were answered by Mailchimp; the others are ours, as no source shows
what it says.
"""

import math
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lib.practice.disputes import Disputes
from lib.practice.merge_field import MergeField

NO_VALUE = "Please enter a value"  # recorded
MOST_BYTES = 255

_ADDRESS_KEYS = ("addr1", "city", "state", "zip")
_URL = re.compile(r"https?://[^\s/?#.]+\.[^\s]+", re.IGNORECASE)
_ZIP = re.compile(r"\d{5}(-\d{4})?")
_BIRTHDAY = re.compile(r"(\d{1,2})[/-](\d{1,2})")
_NAMES = {dict: "object", list: "array", bool: "boolean", int: "integer", type(None): "NULL"}


class MergeValueError(Exception):
    """A value that its field does not take; the text is the field message."""


def read_value(field: MergeField, value: Any, disputes: Disputes) -> Any:  # noqa: ANN401
    """The value in the form it is kept; ``""`` when it clears the field.

    Raises:
        MergeValueError: When the field does not take the value.
    """
    if type(value) is str:
        return _READERS[field.type](field, value, disputes) if value else ""
    if value is None or isinstance(value, bool):
        kind = _NAMES[type(value)]
        raise MergeValueError(f"Schema describes string, {kind} found instead")
    if isinstance(value, dict | list) and field.type != "address":
        raise MergeValueError(f"Schema describes string, {_NAMES[type(value)]} found instead")
    return _READERS[field.type](field, value, disputes)


def _text(_: MergeField, value: Any, disputes: Disputes) -> str:  # noqa: ANN401
    text = str(value)
    # Four bytes are the most a character takes.
    if len(text) * 4 <= MOST_BYTES or len(text.encode()) <= MOST_BYTES:
        return text
    if disputes.long_text == "cut":
        return text.encode()[:MOST_BYTES].decode(errors="ignore")
    raise MergeValueError("Please enter fewer characters")


def _number(_: MergeField, value: Any, __: Disputes) -> float:  # noqa: ANN401
    if isinstance(value, int | float):
        return value
    try:
        number = float(str(value).strip())
    except ValueError:
        raise MergeValueError("Please enter a number") from None  # recorded
    if not math.isfinite(number):
        raise MergeValueError("Please enter a number")
    return int(number) if number.is_integer() else number


def _address(_: MergeField, value: Any, disputes: Disputes) -> Any:  # noqa: ANN401
    if isinstance(value, list | int | float):
        raise MergeValueError(
            f"Schema describes object, {_NAMES.get(type(value), 'number')} found instead"
        )
    given = _split_address(value) if isinstance(value, str) else value
    if not any(given.values()):
        return ""
    needed = [
        key for key in _ADDRESS_KEYS if key != "state" or disputes.blank_state == "incomplete"
    ]
    if "state" not in given or not all(str(given.get(key) or "").strip() for key in needed):
        raise MergeValueError("Please enter a complete address")  # recorded
    keys = ("addr1", "addr2", "city", "state", "zip", "country")
    return {key: str(given.get(key) or "") for key in keys}


def _split_address(text: str) -> dict[str, Any]:
    # The older way of writing: six parts with two spaces between them.
    parts = text.split("  ")
    keys = ("addr1", "addr2", "city", "state", "zip", "country")
    return dict(zip(keys, parts, strict=False))


def _date(_: MergeField, value: Any, __: Disputes) -> str:  # noqa: ANN401
    text = str(value).strip()
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        raise MergeValueError("Please enter a valid date") from None


def _birthday(_: MergeField, value: Any, __: Disputes) -> str:  # noqa: ANN401
    match = _BIRTHDAY.fullmatch(str(value).strip())
    month, day = (int(match[1]), int(match[2])) if match else (0, 0)
    # A leap year, so that 29 February is somebody's birthday.
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2000, month)[1]:
        raise MergeValueError("Please enter a month and day")
    return f"{month:02}/{day:02}"


def _phone(field: MergeField, value: Any, disputes: Disputes) -> str:  # noqa: ANN401
    if field.options.get("phone_format") != "US":
        return _text(field, value, disputes)
    digits = re.sub(r"\D", "", str(value))
    if len(digits) != 10:
        raise MergeValueError("Please enter a valid phone number")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


def _url(field: MergeField, value: Any, disputes: Disputes) -> str:  # noqa: ANN401
    if not _URL.fullmatch(str(value)):
        raise MergeValueError("Please enter a valid URL")
    return _text(field, value, disputes)


def _zip(_: MergeField, value: Any, __: Disputes) -> str:  # noqa: ANN401
    if not _ZIP.fullmatch(str(value).strip()):
        raise MergeValueError("Please enter a valid zip code")
    return str(value).strip()


def _choice(field: MergeField, value: Any, disputes: Disputes) -> str:  # noqa: ANN401
    text = str(value)
    if disputes.unlisted_choice == "refused" and text not in field.options.get("choices", ()):
        raise MergeValueError("Please choose one of the options")
    return text


_READERS: dict[str, Callable[[MergeField, Any, Disputes], Any]] = {
    "text": _text,
    "number": _number,
    "address": _address,
    "phone": _phone,
    "date": _date,
    "url": _url,
    "imageurl": _url,
    "radio": _choice,
    "dropdown": _choice,
    "birthday": _birthday,
    "zip": _zip,
}
