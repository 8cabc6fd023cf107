"""Tags of one member: list, and switch on or off."""

from typing import Any

from lib.practice.audience import Audience
from lib.practice.call import Call
from lib.practice.endpoints.members import find
from lib.practice.links import links
from lib.practice.problem import FieldFault, not_found, schema_fault
from lib.practice.reply import Reply, document, nothing
from lib.practice.subscription import tag_id
from lib.practice.tag import read_name
from lib.practice.timestamp import write_time


def index(call: Call) -> Reply:
    """GET /lists/{list_id}/members/{subscriber_hash}/tags."""
    audience, row = _member(call)
    offset, count = call.page()
    held = audience.members.tags(row)
    added = write_time(audience.members.changed[row])
    tags = [
        {"id": audience.tags[tag].id, "name": audience.tags[tag].name, "date_added": added}
        for tag in held[offset : offset + count]
    ]
    path = f"/lists/{audience.list_id}/members/{call.params['subscriber_hash']}/tags"
    body = {"tags": tags, "total_items": len(held), "_links": links(path)}
    return document(call.projection().apply(body))


def change(call: Call) -> Reply:
    """POST /lists/{list_id}/members/{subscriber_hash}/tags: 204, also for somebody archived."""
    audience, row = _member(call)
    wanted = [_read_tag(tag) for tag in _read_tags(call.object())]
    terms = call.terms()
    held = list(audience.members.tags(row))
    for name, active in wanted:
        known = audience.find_tag(name, exact=terms.disputes.tag_case == "exact")
        if active and (known is None or known.id not in held):
            held.append(tag_id(audience, name, terms))
        elif not active and known is not None and known.id in held:
            held.remove(known.id)
    if tuple(held) != audience.members.tags(row):
        audience.members.set_tags(row, tuple(held))
        audience.members.touch(row, terms.now)
    return nothing()


def _read_tags(body: dict[str, Any]) -> list[Any]:
    tags = body.get("tags")
    if not isinstance(tags, list):
        text = "Required fields were not provided: tags"
        raise schema_fault(FieldFault("" if tags is None else "tags", text))
    return tags


def _read_tag(tag: object) -> tuple[str, bool]:
    if not isinstance(tag, dict):
        raise schema_fault(FieldFault("tags", "Schema describes object, string found instead"))
    if tag.get("status") not in ("active", "inactive"):
        raise schema_fault(FieldFault("status", "Value must be one of: active, inactive"))
    return read_name(tag.get("name")), tag["status"] == "active"


def _member(call: Call) -> tuple[Audience, int]:
    audience = call.audience
    row = find(audience, call.params["subscriber_hash"])
    if row is None:
        raise not_found()
    return audience, row
