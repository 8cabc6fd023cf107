"""Definitions: which merge fields an audience has, as far as the values of its members hang on it.

A field that gets another tag, or is deleted and made anew, changes what all members hold and the
``last_changed`` of none (so the practice Mailchimp does; not confirmed live). So values that were
read under other definitions are not those of today.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pyarrow.compute as pc

from lib.contacts.fields import MergeField
from lib.errors import NotApprovedError
from lib.mailchimp.member import MemberPage

Definitions = frozenset[tuple[int, str, str]]
"""Id, tag and type of each field."""


def of(fields: Iterable[MergeField]) -> Definitions:
    """The definitions of these fields."""
    return frozenset((field.merge_id, field.tag, field.type) for field in fields)


def to_json(found: Definitions | None) -> list[list[Any]] | None:
    """Definitions as JSON, None for unknown ones."""
    return None if found is None else [list(one) for one in sorted(found)]


def from_json(told: Sequence[Sequence[Any]] | None) -> Definitions | None:
    """Definitions from JSON."""
    if told is None:
        return None
    return frozenset((int(merge_id), str(tag), str(kind)) for merge_id, tag, kind in told)


def tags_of(found: Definitions) -> frozenset[str]:
    """The tags of the fields."""
    return frozenset(tag for _, tag, _ in found)


def tags_shown(heads: Iterable[MemberPage]) -> frozenset[str]:
    """The tags under which members have values; none when there are no members.

    Mailchimp shows every field of an audience with every member, the empty ones too (recordings).
    """
    merges = (chunk for head in heads for chunk in head.rows.column("merge").chunks)
    return frozenset(tag for merge in merges for tag in pc.unique(merge.keys).to_pylist())


def require_same(
    planned: Definitions | None, now: Definitions | None, tags: Collection[str]
) -> None:
    """Let pass what was planned for fields that are the same now, or of which nothing is known.

    Raises:
        NotApprovedError: a field with one of these tags is another one now, or gone.
    """
    if planned is None or now is None:
        return
    if moved := sorted({tag for _, tag, _ in planned - now if tag in tags}):
        raise NotApprovedError(
            "Merge fields were changed in Mailchimp since they were read for the plan:"
            f" {', '.join(moved)}. Check what the export feeds, and make a new plan."
        )
