"""The JSON object of one member, exactly as it is sent. It never holds ``status``."""

from collections.abc import Sequence

from lib.contacts import values
from lib.contacts.contacts import Attribute
from lib.contacts.options import Options
from lib.sql import text


def member(matched: Sequence[Attribute], options: Options) -> str:
    """Return SQL for the body of a contact that is sent.

    Only ``status_if_new`` names a status, so Mailchimp leaves the status of a member it has alone
    (Mailchimp Marketing API 3.0 reference, lists/members, ``status_if_new``).

    Args:
        matched: the attributes; ``send0``, ``send1``… are their values, NULL when not sent.
        options: options of the export.
    """
    fields = ", ".join(
        f"{text(chr(34) + a.field.tag + chr(34) + ':')} || {values.as_json(a.field, f'send{i}')}"
        for i, a in enumerate(matched)
    )
    status = f',"status_if_new":"{options.status_if_new.value}","merge_fields":{{'
    merged = f"concat_ws(',', {fields})" if fields else "''"
    return (
        f"'{{\"email_address\":' || to_json(email)::varchar || {text(status)} || {merged} || "
        "'}' || case when len(adds) = 0 then '}' else ',\"tags\":' || to_json(adds)::varchar || '}' end"
    )
