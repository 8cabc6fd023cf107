"""Which path and method leads to which endpoint."""

from collections.abc import Callable
from re import Pattern

from starlette.routing import compile_path

from lib.practice.call import Call
from lib.practice.endpoints import (
    account,
    audiences,
    automations,
    batch_subscribe,
    jobs,
    member_tags,
    members,
    merge_fields,
    segments,
)
from lib.practice.problem import not_found, wrong_method
from lib.practice.reply import Reply

Endpoint = Callable[[Call], Reply]

_LIST = "/lists/{list_id}"
_FIELD = f"{_LIST}/merge-fields/{{merge_id}}"
_MEMBER = f"{_LIST}/members/{{subscriber_hash}}"
_SEGMENT = f"{_LIST}/segments/{{segment_id}}"

TABLE: dict[str, dict[str, Endpoint]] = {
    "/": {"GET": account.show},
    "/ping": {"GET": account.ping},
    "/automations": {"GET": automations.index},
    "/batches": {"GET": jobs.index, "POST": jobs.create},
    "/batches/{batch_id}": {"GET": jobs.show, "DELETE": jobs.delete},
    "/lists": {"GET": audiences.index, "POST": audiences.create},
    _LIST: {
        "GET": audiences.show,
        "POST": batch_subscribe.subscribe,
        "PATCH": audiences.update,
        "DELETE": audiences.delete,
    },
    f"{_LIST}/merge-fields": {"GET": merge_fields.index, "POST": merge_fields.create},
    _FIELD: {
        "GET": merge_fields.show,
        "PATCH": merge_fields.update,
        "DELETE": merge_fields.delete,
    },
    f"{_LIST}/members": {"GET": members.index, "POST": members.create},
    _MEMBER: {
        "GET": members.show,
        "PUT": members.upsert,
        "PATCH": members.update,
        "DELETE": members.archive,
    },
    f"{_MEMBER}/actions/delete-permanent": {"POST": members.delete_permanently},
    f"{_MEMBER}/tags": {"GET": member_tags.index, "POST": member_tags.change},
    f"{_LIST}/segments": {"GET": segments.index, "POST": segments.create},
    _SEGMENT: {
        "GET": segments.show,
        "PATCH": segments.update,
        "POST": segments.change_members,
        "DELETE": segments.delete,
    },
    f"{_SEGMENT}/members": {"GET": segments.members, "POST": segments.add_member},
    f"{_SEGMENT}/members/{{subscriber_hash}}": {"DELETE": segments.remove_member},
    f"{_LIST}/tag-search": {"GET": segments.search},
}

_PATTERNS: list[tuple[Pattern[str], str]] = [(compile_path(path)[0], path) for path in TABLE]


def find(path: str, method: str) -> tuple[Endpoint, str, dict[str, str]]:
    """The endpoint of a path below ``/3.0``, its template, and the parameters within the path.

    Raises:
        ProblemError: 404 for an unknown path, 405 for a method that the path does not know.
    """
    for pattern, template in _PATTERNS:
        match = pattern.match(path.rstrip("/") or "/")
        if match is None:
            continue
        endpoint = TABLE[template].get(method)
        if endpoint is None:
            raise wrong_method(*TABLE[template])
        return endpoint, template, match.groupdict()
    raise not_found()
