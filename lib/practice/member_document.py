"""Members as the API shows them: rendered as text, because a page has a thousand of them."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quote

from lib.practice.audience import Audience
from lib.practice.member import BY_SELF, STATUSES, UNSUBSCRIBED
from lib.practice.timestamp import write_time

Attribute = str | Callable[[Audience, int], str]

MOST_TAGS = 50
"""A member carries at most this many tags in a reply; ``tags_count`` says how many there are."""

_NOWHERE = (
    '{"latitude":0,"longitude":0,"gmtoff":0,"dstoff":0,"country_code":"","timezone":"","region":""}'
)


def _rare(name: str, default: object) -> Attribute:
    blank = json.dumps(default)

    def attribute(audience: Audience, row: int) -> str:
        rare = audience.members.rare.get(row)
        return json.dumps(rare[name]) if rare and name in rare else blank

    return attribute


def _location(audience: Audience, row: int) -> str:
    rare = audience.members.rare.get(row)
    if not rare or "location" not in rare:
        return _NOWHERE
    return json.dumps(json.loads(_NOWHERE) | rare["location"])


def _merge_fields(audience: Audience, row: int) -> str:
    members = audience.members
    filled = members.merges[row]
    blank = _blanks(members.shapes.tuples[members.shape[row]], audience.layout)
    if filled == "{}":
        return "{" + blank[1:] + "}" if blank else "{}"
    return filled[:-1] + blank + "}"


@lru_cache(maxsize=4096)
def _blanks(filled: tuple[str, ...], tags: tuple[str, ...]) -> str:
    return "".join(f',"{tag}":""' for tag in tags if tag not in filled)


def _tags(audience: Audience, row: int) -> str:
    ids = audience.members.tags(row)
    if not ids:
        return "[]"
    shown = (audience.tags[tag] for tag in ids[:MOST_TAGS])
    return "[" + ",".join(f'{{"id":{tag.id},"name":{quote(tag.name)}}}' for tag in shown) + "]"


def _full_name(audience: Audience, row: int) -> str:
    values = audience.members.values(row)
    return quote(f"{values.get('FNAME', '')} {values.get('LNAME', '')}".strip())


def _unsubscribe_reason(audience: Audience, row: int) -> str:
    members = audience.members
    if members.status[row] != UNSUBSCRIBED:
        return '""'
    by_self = members.reason[row] == BY_SELF
    return '"N/A (Unsubscribed by the contact)"' if by_self else '"N/A (Unsubscribed by an admin)"'


_STATUS_TEXTS = tuple(f'"{name}"' for name in STATUSES)
_ACTIONS = (
    ("self", "GET", ""),
    ("parent", "GET", ".."),
    ("update", "PATCH", ""),
    ("upsert", "PUT", ""),
    ("delete", "DELETE", ""),
    ("activity", "GET", "/activity"),
    ("goals", "GET", "/goals"),
    ("notes", "GET", "/notes"),
    ("events", "POST", "/events"),
    ("delete_permanent", "POST", "/actions/delete-permanent"),
)
_HOST = "https://us1.api.mailchimp.com"


def _links(audience: Audience, row: int) -> str:
    return _link_text(audience.list_id).replace("%", audience.members.digests[row].hex())


@lru_cache(maxsize=64)
def _link_text(list_id: str) -> str:
    members = f"{_HOST}/3.0/lists/{list_id}/members"
    schema = f"{_HOST}/schema/3.0/Definitions/Lists/Members/Response.json"
    links = [
        {
            "rel": rel,
            "href": members if below == ".." else f"{members}/%{below}",
            "method": method,
            "targetSchema": schema,
        }
        for rel, method, below in _ACTIONS
    ]
    return json.dumps(links, separators=(",", ":"))


ATTRIBUTES: dict[str, Attribute] = {
    "id": lambda audience, row: f'"{audience.members.digests[row].hex()}"',
    "email_address": lambda audience, row: quote(audience.members.emails[row]),
    "unique_email_id": lambda audience, row: f'"{audience.members.digests[row].hex()[:10]}"',
    "contact_id": lambda audience, row: f'"{audience.members.digests[row].hex()[::-1]}"',
    "full_name": _full_name,
    "web_id": lambda audience, row: str(audience.web_id * 1_000_000 + row),
    "email_type": _rare("email_type", "html"),
    "status": lambda audience, row: _STATUS_TEXTS[audience.members.status[row]],
    "unsubscribe_reason": _unsubscribe_reason,
    "consents_to_one_to_one_messaging": "true",
    "merge_fields": _merge_fields,
    "stats": '{"avg_open_rate":0,"avg_click_rate":0}',
    "ip_signup": _rare("ip_signup", ""),
    "timestamp_signup": lambda a, row: f'"{write_time(a.members.signed[row])}"',
    "ip_opt": _rare("ip_opt", ""),
    "timestamp_opt": lambda a, row: f'"{write_time(a.members.opted[row])}"',
    "member_rating": "2",
    "last_changed": lambda a, row: f'"{write_time(a.members.changed[row])}"',
    "language": _rare("language", ""),
    "vip": _rare("vip", False),
    "email_client": '""',
    "location": _location,
    "source": _rare("source", "API - Generic"),
    "tags_count": lambda audience, row: str(len(audience.members.tags(row))),
    "tags": _tags,
    "list_id": lambda audience, _: f'"{audience.list_id}"',
    "_links": _links,
}

# Members in the reply of a batch call have fewer attributes than single ones.
SLIM = tuple(
    name
    for name in ATTRIBUTES
    if name
    not in {
        "contact_id",
        "full_name",
        "web_id",
        "unsubscribe_reason",
        "consents_to_one_to_one_messaging",
        "source",
    }
)
FULL = tuple(ATTRIBUTES)


def render(audience: Audience, row: int, names: Sequence[str] = FULL) -> str:
    """One member as JSON text with the named attributes."""
    template, makers = _compile(tuple(names))
    return template % tuple([make(audience, row) for make in makers])


def render_all(audience: Audience, rows: Sequence[int], names: Sequence[str] = FULL) -> str:
    """Members as a JSON array."""
    template, makers = _compile(tuple(names))
    members = [template % tuple([make(audience, row) for make in makers]) for row in rows]
    return "[" + ",".join(members) + "]"


@lru_cache(maxsize=256)
def _compile(names: tuple[str, ...]) -> tuple[str, tuple[Callable[[Audience, int], str], ...]]:
    parts, makers = [], []
    for name in names:
        attribute = ATTRIBUTES[name]
        parts.append(f'"{name}":{attribute if isinstance(attribute, str) else "%s"}')
        if not isinstance(attribute, str):
            makers.append(attribute)
    return "{" + ",".join(parts) + "}", tuple(makers)
