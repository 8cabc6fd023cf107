"""Merge fields: what an audience can hold about a member, and the rules for their definition."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from lib.practice.problem import FieldFault, ProblemError, invalid, schema_fault

TYPES = (
    "text",
    "number",
    "address",
    "phone",
    "date",
    "url",
    "imageurl",
    "radio",
    "dropdown",
    "birthday",
    "zip",
)
# mc-magento#1140; no error text is known.
LONGEST_TAG = 10

_TAG = re.compile(r"[A-Z0-9_]+")
_OPTIONS = ("choices", "date_format", "default_country", "phone_format", "size")


@dataclass(slots=True)
class MergeField:
    """One merge field; ``options`` holds what its type knows (choices, formats, size)."""

    merge_id: int
    tag: str
    name: str
    type: str = "text"
    required: bool = False
    default_value: str = ""
    public: bool = False
    display_order: int = 0
    help_text: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def document(self, list_id: str) -> dict[str, Any]:
        """The field as the API shows it."""
        return asdict(self) | {"list_id": list_id}


def define(
    body: dict[str, Any], existing: list[MergeField], merge_id: int, most: int
) -> MergeField:
    """A new field from a POST body; an audience has at most so many.

    Raises:
        ProblemError: 400, for a missing name or type, a bad or taken tag, or one field too many.
    """
    missing = [key for key in ("name", "type") if not body.get(key)]
    if missing:
        names = ", ".join(missing)
        raise schema_fault(FieldFault("", f"Required fields were not provided: {names}"))
    if len(existing) >= most:
        raise invalid(f"You have reached the limit of {most} merge fields for this list.")
    fresh = MergeField(merge_id, f"MMERGE{merge_id}", "", display_order=len(existing) + 2)
    change(fresh, body, existing)
    return fresh


def change(target: MergeField, body: dict[str, Any], existing: list[MergeField]) -> None:
    """Take over what a POST or PATCH body says.

    Raises:
        ProblemError: 400, for a bad type, tag or option.
    """
    tag = str(body.get("tag") or target.tag).upper()
    _check_tag(tag, [other.tag for other in existing if other is not target])
    kind = body.get("type", target.type)
    if kind not in TYPES:
        raise schema_fault(FieldFault("type", f"Value must be one of: {', '.join(TYPES)}"))
    options = _read_options(kind, target.options | (body.get("options") or {}))
    target.tag, target.type, target.options = tag, kind, options
    for key in ("name", "default_value", "help_text"):
        setattr(target, key, str(body.get(key, getattr(target, key))))
    for key in ("required", "public"):
        setattr(target, key, bool(body.get(key, getattr(target, key))))
    target.display_order = int(body.get("display_order", target.display_order))


def _check_tag(tag: str, taken: list[str]) -> None:
    if len(tag) > LONGEST_TAG or not _TAG.fullmatch(tag):
        fault = FieldFault("tag", f"Merge tags have at most {LONGEST_TAG} letters and digits")
        raise schema_fault(fault)
    if tag in taken or tag == "EMAIL":
        raise ProblemError(
            400,
            "Invalid Resource",
            f'A Merge Field with the tag "{tag}" already exists for this list.',
        )


def _read_options(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    options = {key: given[key] for key in _OPTIONS if key in given}
    if kind in ("radio", "dropdown") and not options.get("choices"):
        raise schema_fault(FieldFault("options.choices", "Please enter a value"))
    defaults: dict[str, dict[str, Any]] = {
        "text": {"size": 25},
        "date": {"date_format": "MM/DD/YYYY"},
        "birthday": {"date_format": "MM/DD"},
        "phone": {"phone_format": "none"},
        "address": {"default_country": 164},
        "radio": {"choices": []},
        "dropdown": {"choices": []},
    }
    own = defaults.get(kind, {})
    return own | {key: value for key, value in options.items() if key in own}
