"""People an account begins with: a file of members, one JSON object a line."""

import json
from pathlib import Path
from typing import Any

from lib.practice.address import digest
from lib.practice.audience import Audience
from lib.practice.member import ARCHIVED, BY_SELF, STATUSES, UNSUBSCRIBED
from lib.practice.world import World

DAY = 86_400


def bring(world: World, audience: Audience, file: Path) -> int:
    """Add the members of a file, skipping those who are there; returns how many came.

    A line has the words of Mailchimp's members: ``{"email_address", "status", "merge_fields",
    "tags": [names]}``. Merge tags the audience does not have are left out, as Mailchimp would.

    Raises:
        ValueError: a line is something else.
        OSError: the file cannot be read.
    """
    before = len(audience.members)
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                _add(world, audience, json.loads(line), world.now - DAY * (1 + number % 300))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise ValueError(
                    f"{file.name}, line {number}: not a member with an email_address and a status "
                    "such as subscribed"
                ) from None
    return len(audience.members) - before


def _add(world: World, audience: Audience, told: dict[str, Any], since: int) -> None:
    members, email = audience.members, str(told["email_address"])
    status, key = STATUSES.index(told.get("status", "subscribed")), digest(email)
    if status > ARCHIVED:
        raise ValueError(status)
    if key in members.rows:
        return
    row = members.add(email, key, since)
    values = told.get("merge_fields") or {}
    members.set_values(row, {t: v for t, v in values.items() if t in audience.by_tag and v})
    members.status[row] = status
    members.reason[row] = BY_SELF if status == UNSUBSCRIBED else 0
    members.set_tags(row, tuple(_tag(world, audience, name) for name in told.get("tags") or ()))


def _tag(world: World, audience: Audience, name: str) -> int:
    tag = audience.find_tag(name) or audience.add_tag(name, world.next_id(), world.now)
    return tag.id
