"""Tags: Mailchimp calls them static segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailchimp_marketing import ListsApi

from lib.mailchimp.asking import Asking
from lib.mailchimp.faults import without_addresses
from lib.mailchimp.member import PAGE

TAGGED = 500
"""Most addresses to add, and most to remove, in one call (Marketing API reference)."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of an audience."""

    id: int
    name: str
    members: int = 0


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of adding and removing; unknown addresses are ignored silently by Mailchimp."""

    added: int
    removed: int
    refused: Mapping[str, str] = field(default_factory=dict)
    """Mailchimp's words, without addresses in them, by lower-case address that it refused."""
    taken: frozenset[str] = frozenset()
    """Ids of the members from whom the tag was taken, as far as Mailchimp names them."""


def read_tag(document: Mapping[str, Any]) -> Tag:
    """Read one segment of GET /lists/{id}/segments."""
    return Tag(int(document["id"]), str(document["name"]), int(document.get("member_count") or 0))


def read_tagged(document: Mapping[str, Any]) -> Tagged:
    """Read the reply of POST /lists/{id}/segments/{segment_id}."""
    errors: Sequence[Mapping[str, Any]] = document.get("errors") or ()
    said = [(one, without_addresses(str(one.get("error") or ""))) for one in errors]
    removed: Sequence[Mapping[str, Any]] = document.get("members_removed") or ()
    return Tagged(
        int(document.get("total_added") or 0),
        int(document.get("total_removed") or 0),
        {str(a).lower(): words for one, words in said for a in one.get("email_addresses") or ()},
        frozenset(str(one.get("id")) for one in removed),
    )


class TagCalls:
    """What can be asked about tags."""

    _asking: Asking

    def tags(self, audience_id: str) -> tuple[Tag, ...]:
        """All tags of the audience with their sizes."""
        api = ListsApi(self._asking.transport)
        fields = ["segments.id", "segments.name", "segments.member_count", "total_items"]
        rows = self._asking.rows(
            "segments",
            lambda offset: api.list_segments(
                audience_id, type="static", fields=fields, count=PAGE, offset=offset
            ),
        )
        return tuple(read_tag(row) for row in rows)

    def create_tag(self, audience_id: str, name: str) -> Tag:
        """Make an empty tag."""
        api = ListsApi(self._asking.transport)
        body = {"name": name, "static_segment": []}
        return read_tag(
            self._asking.document(lambda: api.create_segment(audience_id, body), repeatable=False)
        )

    def tag_members(
        self, audience_id: str, tag_id: int, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Tagged:
        """Give the tag to up to 500 addresses, and take it from up to 500 others.

        Raises:
            ValueError: for more than 500 of either.
        """
        if max(len(add), len(remove)) > TAGGED:
            raise ValueError(f"At most {TAGGED} addresses can be added or removed in one call.")
        api = ListsApi(self._asking.transport)
        listed = {"members_to_add": list(add), "members_to_remove": list(remove)}
        body = {key: value for key, value in listed.items() if value}
        return read_tagged(
            self._asking.document(lambda: api.batch_segment_members(body, audience_id, str(tag_id)))
        )
