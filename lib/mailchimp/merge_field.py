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


def write_merge_field(field: MergeField) -> dict[str, Any]:
    """The body of POST /lists/{id}/merge-fields that makes this field."""
    options = {
        "choices": list(field.choices),
        "date_format": field.date_format,
        "phone_format": field.phone_format,
        "size": field.size,
    }
    return {
        "tag": field.tag,
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "default_value": field.default,
        "options": {key: value for key, value in options.items() if value},
    }


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

    def create_merge_field(self, audience_id: str, field: MergeField) -> MergeField:
        """Make a merge field, and return it as Mailchimp made it."""
        api = ListsApi(self._asking.transport)
        body = write_merge_field(field)
        return read_merge_field(
            self._asking.document(
                lambda: api.add_list_merge_field(audience_id, body), repeatable=False
            )
        )
