"""Merge fields of an audience, from and to Mailchimp's JSON."""

from collections.abc import Mapping
from typing import Any, cast

from mailchimp_marketing import ListsApi

from lib.contacts.fields import FieldType, MergeField
from lib.mailchimp.asking import QUICK_S, Asking
from lib.mailchimp.member import PAGE


def read_merge_field(document: Mapping[str, Any]) -> MergeField:
    """Read one field of GET /lists/{id}/merge-fields."""
    options = document.get("options") or {}
    return MergeField(
        tag=str(document["tag"]),
        name=str(document.get("name") or ""),
        type=cast(FieldType, str(document.get("type") or "text")),
        required=bool(document.get("required")),
        choices=tuple(str(choice) for choice in options.get("choices") or ()),
        date_format=str(options.get("date_format") or ""),
        phone_format=str(options.get("phone_format") or ""),
        size=int(options["size"]) if options.get("size") else None,
        default=str(document.get("default_value") or ""),
        merge_id=int(document.get("merge_id") or 0),
    )


class MergeFieldCalls:
    """What can be asked about merge fields."""

    _asking: Asking

    def merge_fields(self, audience_id: str) -> tuple[MergeField, ...]:
        """All merge fields; Mailchimp's own page of ten would hide the rest."""
        api = ListsApi(self._asking.transport)
        rows = self._asking.rows(
            "merge_fields",
            lambda offset: api.get_list_merge_fields(
                audience_id, count=PAGE, offset=offset, _request_timeout=QUICK_S
            ),
        )
        return tuple(read_merge_field(row) for row in rows)
