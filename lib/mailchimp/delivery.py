"""Delivery: one batch until every contact in it has its answer, in halves if it must be."""

from collections.abc import Callable

from lib.errors import InDoubtError, MailchimpError, RequestError
from lib.mailchimp import batches, parse
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.faults import without_addresses
from lib.mailchimp.upsert import ANSWERED, BatchReply, Rejection, gather

FEW = 2
"""Attempts for halves of a batch that already failed with all the client's patience."""
SPLITTING = {400, 413, 422}
"""Refusals of a whole call that one member, or sheer size, may have caused."""


def _nothing() -> None:
    return None


def deliver(
    client: Mailchimp,
    audience_id: str,
    members: batches.Members,
    *,
    check: Callable[[], None] = _nothing,
) -> BatchReply:
    """Upsert up to 500 members; a call that fails as a whole is split until culprits stand alone.

    Args:
        client: the client.
        audience_id: the audience.
        members: each a JSON object in text, as it will be sent.
        check: called before each further call; may raise to end it (contacts sent stay sent).

    Returns:
        One reply for all of them; a culprit refused alone is a rejection with code ERROR_CALL,
        one that never got an answer alone is ``in_doubt``.

    Raises:
        MailchimpError: no member can be the cause: the key, the audience, Mailchimp being down.
            Sending the same members again is always safe.
    """
    replies: list[BatchReply] = []
    parts = batches.halves(members)
    part = next(parts, None)
    while part is not None:
        try:
            attempts = FEW if len(part) < len(members) else 0
            replies.append(client.upsert(audience_id, batches.body(part), attempts=attempts))
            failed = False
        except (RequestError, InDoubtError) as error:
            _require_splitting(client, error)
            if len(part) == 1:
                replies.append(_alone(part, error))
            failed = True
        try:
            part = parts.send(failed)
        except StopIteration:
            break
        check()
    return gather(replies)


def _require_splitting(client: Mailchimp, error: MailchimpError) -> None:
    if isinstance(error, RequestError) and error.status not in SPLITTING:
        raise error
    if isinstance(error, InDoubtError):
        client.ping()  # raises when it is Mailchimp that is down, and not this batch


def _alone(part: batches.Members, error: MailchimpError) -> BatchReply:
    email, member_id = parse.sent(batches.body(part))
    nobody = ANSWERED.empty_table()
    if isinstance(error, InDoubtError):
        return BatchReply(nobody, in_doubt=(member_id,))
    field, message = next(iter(error.fields), ("", ""))
    words = error.detail or without_addresses(str(error))
    refused = Rejection(email, member_id, "ERROR_CALL", words, field, message)
    return BatchReply(nobody, rejections=(refused,), request_id=error.request_id)
