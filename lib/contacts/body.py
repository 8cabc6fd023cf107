"""The JSON object of one member, exactly as it is sent. It never holds ``status``."""

from collections.abc import Sequence

from lib.contacts import values
from lib.contacts.contacts import Attribute
from lib.contacts.options import Options, StatusIfNew
from lib.sql import text


def member(matched: Sequence[Attribute], options: Options) -> str:
    """Return SQL for the body of a contact that is sent.

    A usable address needs no escaping: its syntax allows no quote, backslash or control character.
    Only ``status_if_new`` names a status, so Mailchimp leaves the status of a member it has alone
    (Mailchimp Marketing API 3.0 reference, lists/members, ``status_if_new``). For somebody who is a
    member that is ``transactional``: whoever unsubscribes and is archived before the call arrives
    is then subscribed by nobody, and neither is who was deleted.

    Args:
        matched: the attributes; ``send0``, ``send1``… are their values, NULL when not sent.
        options: options of the export.
    """
    start = _start(options.status_if_new)
    sends = [(a, f"send{i}") for i, a in enumerate(matched)]
    if not sends:
        return _object(start, [])
    every = " and ".join(f"{send} is not null" for _, send in sends)
    return (
        f"case when {every} then {_object(start, _all(sends))} "
        f"else {_object(start, [_some(sends)])} end"
    )


def _start(given: StatusIfNew) -> str:
    """Return SQL for what stands between the address and its merge fields."""
    status, known = (
        text(f'","status_if_new":"{one.value}","merge_fields":{{')
        for one in (given, StatusIfNew.TRANSACTIONAL)
    )
    return status if status == known else f"case fate when 'updated' then {known} else {status} end"


def _object(start: str, fields: Sequence[str]) -> str:
    """Return SQL for the whole object: one long concat, as nesting copies a body each time."""
    tags = """case when len(adds) = 0 then '}}' else concat('},"tags":', to_json(adds), '}') end"""
    pieces = ["""'{"email_address":"'""", "email", start, *fields, tags]
    return f"concat({', '.join(pieces)})"


def _all(sends: Sequence[tuple[Attribute, str]]) -> list[str]:
    """Return SQL for the merge fields when every one of them is sent, which is the common case."""
    return [
        piece
        for i, (a, s) in enumerate(sends)
        for piece in (_name(a, "," if i else ""), values.as_json(a.field, s))
    ]


def _some(sends: Sequence[tuple[Attribute, str]]) -> str:
    parts = (f"{_name(a, '')} || {values.as_json(a.field, s)}" for a, s in sends)
    return f"concat_ws(',', {', '.join(parts)})"


def _name(attribute: Attribute, comma: str) -> str:
    return text(f'{comma}"{attribute.field.tag}":')
