"""Tags, which the API also calls static segments."""

from dataclasses import dataclass
from typing import Any

from lib.practice.problem import FieldFault, schema_fault
from lib.practice.timestamp import write_time

LONGEST_NAME = 100
"""Widely believed; 50 in 2013. Not confirmed."""
TOO_LONG = f"Names have at most {LONGEST_NAME} characters"


@dataclass(slots=True)
class Tag:
    """One tag; times in seconds since 1970."""

    id: int
    name: str
    created: int
    updated: int

    def document(self, list_id: str, members: int) -> dict[str, Any]:
        """The tag as a segment."""
        return {
            "id": self.id,
            "name": self.name,
            "member_count": members,
            "type": "static",
            "created_at": write_time(self.created),
            "updated_at": write_time(self.updated),
            "options": {"match": "any", "conditions": []},
            "list_id": list_id,
        }


def read_name(name: object) -> str:
    """The name a request gives to a tag.

    Raises:
        ProblemError: 400, when it is missing, no text, or too long.
    """
    if not isinstance(name, str) or not name.strip():
        raise schema_fault(FieldFault("name", "Please enter a value"))
    if len(name) > LONGEST_NAME:
        raise schema_fault(FieldFault("name", TOO_LONG))
    return name.strip()
