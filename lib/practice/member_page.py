"""A page of members as a reply: only what the query wants is rendered."""

import json
from collections.abc import Sequence

from lib.practice.audience import Audience
from lib.practice.links import links
from lib.practice.member_document import FULL, render_all
from lib.practice.projection import Projection
from lib.practice.reply import Reply


def member_page(
    audience: Audience,
    rows: Sequence[int],
    total: int,
    projection: Projection,
    names: Sequence[str] = FULL,
) -> Reply:
    """The reply to a listing of members; ``rows`` are those of the page, ``total`` counts all."""
    parts = []
    below = projection.below("members")
    if below is not None:
        shown = [name for name in names if below.wants(name)]
        text = render_all(audience, rows, shown)
        if below.deep:
            text = json.dumps(below.apply(json.loads(text)))
        parts.append(f'"members":{text}')
    rest = {
        "list_id": audience.list_id,
        "total_items": total,
        "_links": links(f"/lists/{audience.list_id}/members", "POST"),
    }
    parts.extend(f'"{name}":{json.dumps(rest[name])}' for name in rest if projection.wants(name))
    return Reply(body=("{" + ",".join(parts) + "}").encode())
