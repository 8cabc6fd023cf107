"""Merge fields of an audience: list, show, make, change, delete."""

from typing import Any

from lib.practice import merge_field
from lib.practice.audience import Audience
from lib.practice.call import Call
from lib.practice.links import links
from lib.practice.merge_field import MergeField
from lib.practice.problem import not_found
from lib.practice.reply import Reply, document, nothing


def index(call: Call) -> Reply:
    """GET /lists/{list_id}/merge-fields: ten at a time unless asked otherwise."""
    audience = call.audience
    offset, count = call.page()
    fields = [one for one in audience.fields if _asked(call, one)]
    body = {
        "merge_fields": [_document(audience, one) for one in fields[offset : offset + count]],
        "list_id": audience.list_id,
        "total_items": len(fields),
        "_links": links(f"/lists/{audience.list_id}/merge-fields", "POST"),
    }
    return document(call.projection().apply(body))


def _asked(call: Call, field: MergeField) -> bool:
    kind, required = call.query.get("type", ""), call.query.get("required", "")
    return kind in ("", field.type) and (not required or call.flag("required") == field.required)


def show(call: Call) -> Reply:
    """GET /lists/{list_id}/merge-fields/{merge_id}."""
    return document(call.projection().apply(_document(call.audience, _field(call))))


def create(call: Call) -> Reply:
    """POST /lists/{list_id}/merge-fields."""
    audience = call.audience
    most = int(call.disputes.most_fields)
    field = merge_field.define(call.object(), audience.fields, audience.next_merge_id, most)
    audience.fields.append(field)
    audience.next_merge_id += 1
    audience.arrange()
    return document(_document(audience, field))


def update(call: Call) -> Reply:
    """PATCH /lists/{list_id}/merge-fields/{merge_id}; values follow a changed tag."""
    audience, field = call.audience, _field(call)
    old = field.tag
    merge_field.change(field, call.object(), audience.fields)
    audience.arrange()
    if field.tag != old:
        new = field.tag
        audience.members.rewrite(lambda values: values | {new: values.pop(old)}, old)
    return document(_document(audience, field))


def delete(call: Call) -> Reply:
    """DELETE /lists/{list_id}/merge-fields/{merge_id}; its values go with it."""
    audience, field = call.audience, _field(call)
    audience.fields.remove(field)
    audience.arrange()
    tag = field.tag
    audience.members.rewrite(
        lambda values: {key: value for key, value in values.items() if key != tag}, tag
    )
    return nothing()


def _field(call: Call) -> MergeField:
    merge_id = call.params["merge_id"]
    field = call.audience.field_of(int(merge_id)) if merge_id.isdecimal() else None
    if field is None:
        raise not_found()
    return field


def _document(audience: Audience, field: MergeField) -> dict[str, Any]:
    path = f"/lists/{audience.list_id}/merge-fields/{field.merge_id}"
    return field.document(audience.list_id) | {"_links": links(path, "PATCH", "DELETE")}
