"""Merge fields: what an audience can hold about a contact, as far as planning needs to know."""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
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
]


@dataclass(frozen=True, slots=True)
class MergeField:
    """One merge field of an audience (the address itself is not one)."""

    tag: str
    """Upper case, at most 10 characters, such as FNAME."""
    name: str
    type: FieldType = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    """Allowed values of a radio or dropdown field."""
    date_format: str = ""
    phone_format: str = ""
    """``US`` or ``none``."""
    size: int | None = None
    default: str = ""
    merge_id: int = 0

    @property
    def must_be_fed(self) -> bool:
        """A new contact without a value is refused: nor does Mailchimp have one to fill in."""
        return self.required and not self.default
