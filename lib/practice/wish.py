"""What a request wants for one member: its JSON object, checked for shape."""

from dataclasses import dataclass, field
from typing import Any

from lib.practice.member import WRITABLE
from lib.practice.problem import FieldFault, ProblemError
from lib.practice.refusal import RefusalError, not_validated
from lib.practice.tag import LONGEST_NAME, TOO_LONG
from lib.practice.timestamp import read_time

RARE = ("email_type", "language", "vip", "ip_signup", "ip_opt")
_KINDS: dict[str, type] = {
    "email_address": str,
    "email_type": str,
    "language": str,
    "vip": bool,
    "ip_signup": str,
    "ip_opt": str,
    "merge_fields": dict,
    "location": dict,
    "interests": dict,
    "timestamp_signup": str,
    "timestamp_opt": str,
    "status": str,
    "status_if_new": str,
    "tags": list,
}
_WORDS = {
    str: "string",
    bool: "boolean",
    dict: "object",
    list: "array",
    int: "integer",
    float: "number",
    type(None): "NULL",
}


@dataclass(slots=True)
class Wish:
    """One member as asked for; None is what the request does not mention."""

    email: str = ""
    status: int | None = None
    status_if_new: int | None = None
    merge: dict[str, Any] = field(default_factory=dict)
    tags: list[str] | None = None
    rare: dict[str, Any] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)


def read_wish(body: Any) -> Wish:  # noqa: ANN401 - any JSON
    """The wish of a member's JSON object.

    Raises:
        RefusalError: When the object or one of its attributes has the wrong shape.
    """
    if not isinstance(body, dict):
        raise not_validated(FieldFault("", f"Schema describes object, {_word(body)} found instead"))
    wish = Wish()
    for name, value in body.items():
        kind = _KINDS.get(name)
        if kind is None or value is None:
            continue
        if not isinstance(value, kind):
            raise _kind_fault(name, value)
        _take(wish, name, value)
    return wish


def _take(wish: Wish, name: str, value: Any) -> None:  # noqa: ANN401
    if name == "email_address":
        wish.email = value.strip()
    elif name == "merge_fields":
        wish.merge = value
    elif name in ("status", "status_if_new"):
        setattr(wish, name, _read_status(name, value))
    elif name == "tags":
        wish.tags = _read_tags(value)
    elif name in ("timestamp_signup", "timestamp_opt"):
        wish.times[name] = _read_moment(name, value)
    elif name in RARE:
        wish.rare[name] = value
    elif name == "location":
        wish.rare[name] = _read_location(value)
    elif name == "interests" and value:
        raise RefusalError(f"invalid interest id: {next(iter(value))}")


def _read_status(name: str, value: str) -> int:
    if value not in WRITABLE:
        expected = ", ".join(WRITABLE)
        raise not_validated(FieldFault(name, f"Value must be one of: {expected}"))
    return WRITABLE[value]


def _read_moment(name: str, text: str) -> int:
    try:
        return int(read_time(text, name)) if text else 0
    except ProblemError as problem:
        raise not_validated(*problem.faults) from None


def _read_tags(value: list[Any]) -> list[str]:
    # Single-member calls of the older specification also know {"name": …, "status": …}.
    names: list[str] = []
    for tag in value:
        name = tag.get("name") if isinstance(tag, dict) else tag
        if not isinstance(name, str):
            raise _kind_fault("tags", name)
        if len(name) > LONGEST_NAME:
            raise not_validated(FieldFault("tags", TOO_LONG))
        names.append(name)
    return [name.strip() for name in names if name.strip()]


def _read_location(value: dict[str, Any]) -> dict[str, Any]:
    keys = ("latitude", "longitude")
    known: dict[str, Any] = {key: value[key] for key in keys if key in value}
    for key, number in known.items():
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise not_validated(
                FieldFault(key, f"Schema describes number, {_word(number)} found instead")
            )
    return known


def _kind_fault(name: str, value: Any) -> RefusalError:  # noqa: ANN401
    expected = "string" if name == "tags" and not isinstance(value, list) else _WORDS[_KINDS[name]]
    message = f"Schema describes {expected}, {_word(value)} found instead"
    return not_validated(FieldFault(name, message))


def _word(value: object) -> str:
    return _WORDS.get(type(value), "string")
