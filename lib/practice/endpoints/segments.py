"""Tags as static segments: list, make, rename, add and remove members, delete."""

from typing import Any

import numpy as np

from lib.practice.address import digest
from lib.practice.audience import Audience
from lib.practice.call import Call
from lib.practice.endpoints.members import find
from lib.practice.links import links
from lib.practice.member import ARCHIVED
from lib.practice.member_document import SLIM, render, render_all
from lib.practice.member_page import member_page
from lib.practice.problem import FieldFault, invalid, not_found, schema_fault
from lib.practice.reply import Reply, document, nothing
from lib.practice.tag import Tag, read_name
from lib.practice.timestamp import read_time

MOST_MEMBERS = 500
# Members of a segment come without their tags (OpenAPI description 3.0.55).
LISTED = tuple(name for name in SLIM if name not in ("tags", "tags_count"))
TOO_MANY = (
    "Maximum allowed member items exceeded, please provide at most 500 items "
    "in members_to_add field or members_to_remove field"
)


def index(call: Call) -> Reply:
    """GET /lists/{list_id}/segments."""
    audience = call.audience
    offset, count = call.page()
    tags = [tag for tag in audience.tags.values() if _asked(call, tag)]
    counts = audience.members.count_tags()
    body = {
        "segments": [_document(audience, tag, counts) for tag in tags[offset : offset + count]],
        "list_id": audience.list_id,
        "total_items": len(tags),
        "_links": links(f"/lists/{audience.list_id}/segments", "POST"),
    }
    return document(call.projection().apply(body))


def _asked(call: Call, tag: Tag) -> bool:
    query = call.query
    if query.get("type", "") not in ("", "static"):
        return False
    for name, moment in (("created_at", tag.created), ("updated_at", tag.updated)):
        since, before = query.get(f"since_{name}", ""), query.get(f"before_{name}", "")
        if since and moment <= read_time(since, f"since_{name}"):
            return False
        if before and moment >= read_time(before, f"before_{name}"):
            return False
    return True


def show(call: Call) -> Reply:
    """GET /lists/{list_id}/segments/{segment_id}."""
    audience, tag = call.audience, _tag(call)
    return document(call.projection().apply(_document(audience, tag)))


def create(call: Call) -> Reply:
    """POST /lists/{list_id}/segments: unknown addresses are ignored."""
    audience, body = call.audience, call.object()
    name = read_name(body.get("name"))
    if "options" in body:
        what = "both static_segment and options" if "static_segment" in body else "options"
        raise invalid(f"This practice Mailchimp keeps tags only; {what} cannot be used.")
    _refuse_taken(call, audience, name)
    emails = _read_emails(body, "static_segment")
    tag = audience.add_tag(name, call.world.next_id(), call.world.now)
    _add(call, audience, tag, emails)
    return document(_document(audience, tag))


def update(call: Call) -> Reply:
    """PATCH /lists/{list_id}/segments/{segment_id}: rename, or replace its members."""
    audience, tag, body = call.audience, _tag(call), call.object()
    if "name" in body:
        name = read_name(body["name"])
        if name.casefold() != tag.name.casefold():
            _refuse_taken(call, audience, name)
        tag.name = name
        audience.tag_names.clear()
    if "static_segment" in body:
        emails = _read_emails(body, "static_segment")
        _remove(call, audience, tag, [audience.members.emails[row] for row in _rows(audience, tag)])
        _add(call, audience, tag, emails)
    tag.updated, audience.altered = call.world.now, True
    return document(_document(audience, tag))


def delete(call: Call) -> Reply:
    """DELETE /lists/{list_id}/segments/{segment_id}: the tag goes, its members stay."""
    call.audience.remove_tag(_tag(call).id)
    return nothing()


def change_members(call: Call) -> Reply:
    """POST /lists/{list_id}/segments/{segment_id}: at most 500 each way."""
    audience, tag, body = call.audience, _tag(call), call.object()
    adding, removing = (_read_emails(body, f"members_to_{verb}") for verb in ("add", "remove"))
    if max(len(adding), len(removing)) > MOST_MEMBERS:
        raise invalid(TOO_MANY)
    added = _add(call, audience, tag, adding)
    # Members who were asked for and are not listed are silence (OpenAPI description 3.0.55).
    heard = removing[::2] if "partial-untag" in call.struck else removing
    removed = _remove(call, audience, tag, heard)
    unknown = [email for email in adding if audience.members.find(digest(email)) is None]
    errors = [{"email_addresses": unknown, "error": "Email addresses not found"}] if unknown else []
    text = (
        f'{{"members_added":{render_all(audience, added, SLIM)},'
        f'"members_removed":{render_all(audience, removed, SLIM)},'
    )
    rest = document(
        {
            "errors": errors,
            "total_added": len(added),
            "total_removed": len(removed),
            "error_count": len(unknown),
            "_links": links(f"/lists/{audience.list_id}/segments/{tag.id}", "POST"),
        }
    )
    return Reply(body=text.encode() + rest.body[1:])


def members(call: Call) -> Reply:
    """GET /lists/{list_id}/segments/{segment_id}/members."""
    audience, tag = call.audience, _tag(call)
    offset, count = call.page()
    rows = _rows(audience, tag)
    return member_page(
        audience, rows[offset : offset + count], len(rows), call.projection(), LISTED
    )


def add_member(call: Call) -> Reply:
    """POST /lists/{list_id}/segments/{segment_id}/members."""
    audience, tag = call.audience, _tag(call)
    email = call.object().get("email_address")
    if not isinstance(email, str) or not email:
        raise schema_fault(FieldFault("email_address", "Please enter a value"))
    row = audience.members.find(digest(email))
    if row is None:
        raise not_found()
    _add(call, audience, tag, [email])
    return Reply(body=render(audience, row, LISTED).encode())


def remove_member(call: Call) -> Reply:
    """DELETE /lists/{list_id}/segments/{segment_id}/members/{subscriber_hash}."""
    audience, tag = call.audience, _tag(call)
    row = find(audience, call.params["subscriber_hash"])
    if row is None or tag.id not in audience.members.tags(row):
        raise not_found()
    _remove(call, audience, tag, [audience.members.emails[row]])
    return nothing()


def search(call: Call) -> Reply:
    """GET /lists/{list_id}/tag-search: tags whose name begins so."""
    wanted = call.query.get("name", "").casefold()
    tags = [
        {"id": tag.id, "name": tag.name}
        for tag in call.audience.tags.values()
        if tag.name.casefold().startswith(wanted)
    ]
    return document({"tags": tags, "total_items": len(tags)})


def _rows(audience: Audience, tag: Tag) -> list[int]:
    members = audience.members
    shown = members.with_tag(tag.id) & (members.status.values < ARCHIVED)
    rows: list[int] = np.flatnonzero(shown).tolist()
    return rows


def _add(call: Call, audience: Audience, tag: Tag, emails: list[str]) -> list[int]:
    return _switch(call, audience, tag, emails, on=True)


def _remove(call: Call, audience: Audience, tag: Tag, emails: list[str]) -> list[int]:
    return _switch(call, audience, tag, emails, on=False)


def _switch(call: Call, audience: Audience, tag: Tag, emails: list[str], *, on: bool) -> list[int]:
    members, done = audience.members, []
    for email in emails:
        row = members.find(digest(email.strip()))
        if row is None or (tag.id in members.tags(row)) == on:
            continue
        held = members.tags(row)
        members.set_tags(
            row, (*held, tag.id) if on else tuple(one for one in held if one != tag.id)
        )
        members.touch(row, call.world.now)
        done.append(row)
    if done:
        tag.updated, audience.altered = call.world.now, True
    return done


def _read_emails(body: dict[str, Any], name: str) -> list[str]:
    emails = body.get(name) or []
    if not isinstance(emails, list) or not all(isinstance(email, str) for email in emails):
        raise schema_fault(FieldFault(name, "Schema describes array of strings"))
    return emails


def _refuse_taken(call: Call, audience: Audience, name: str) -> None:
    if audience.find_tag(name, exact=call.disputes.tag_case == "exact") is not None:
        raise invalid("Sorry, that tag already exists.")


def _tag(call: Call) -> Tag:
    name = call.params["segment_id"]
    tag = call.audience.tags.get(int(name)) if name.isdecimal() else None
    if tag is None:
        raise not_found()
    return tag


def _document(audience: Audience, tag: Tag, counts: dict[int, int] | None = None) -> dict[str, Any]:
    counts = audience.members.count_tags() if counts is None else counts
    path = f"/lists/{audience.list_id}/segments/{tag.id}"
    shown = tag.document(audience.list_id, counts.get(tag.id, 0))
    return shown | {"_links": links(path, "PATCH", "DELETE")}
