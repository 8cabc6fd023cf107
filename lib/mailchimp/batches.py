"""Batches: up to 500 members in one call, in halves if it must be."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from lib.errors import InDoubtError, MailchimpError, RequestError
from lib.mailchimp import parse
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.faults import IN_DOUBT, without_addresses
from lib.mailchimp.halves import Members, halves
from lib.mailchimp.retries import TURNED_AWAY
from lib.mailchimp.upsert import ANSWERED, BatchReply, Rejection, gather

MOST = 500
"""Most members in one call (Mailchimp Marketing API 3.0 reference, POST /lists/{list_id})."""
FEW = 2
"""Attempts for halves of a batch that already failed with all the client's patience."""
ROUNDS = 5
"""Times to ask again for a member that got no answer even alone: there is nothing left to split."""
HOPELESS = 20
"""Parts whose answers were lost, after which it is Mailchimp and not a member that is the cause."""
SPLITTING = {400, 413, 422}
"""Refusals of a whole call that one member, or sheer size, may have caused."""


def body(members: Members) -> bytes:
    """The body of the batch upsert; tags are added to, never replaced, and status is not sent.

    Raises:
        ValueError: for more than 500 members.
    """
    if len(members) > MOST:
        raise ValueError(f"{len(members)} members in one call; at most {MOST} are allowed.")
    listed = ",".join(members)
    return f'{{"members":[{listed}],"update_existing":true,"sync_tags":false}}'.encode()


def send(client: Mailchimp, audience_id: str, members: Members) -> BatchReply:
    """Upsert up to 500 members; a call that fails as a whole is split until culprits stand alone.

    Args:
        client: the client.
        audience_id: the audience.
        members: each a JSON object in text, as it will be sent.

    Returns:
        One reply for all of them; a culprit refused alone is a rejection with code ERROR_CALL,
        one that never got an answer alone is ``in_doubt``.

    Raises:
        MailchimpError: no member can be the cause: the key, the audience, Mailchimp being down.
            Sending the same members again is always safe.
    """
    replies: list[BatchReply] = []
    lonely: list[Members] = []
    calls = lost = 0
    parts = halves(members)
    part = next(parts, None)
    with _in_doubt_once(lambda: bool(replies) or lost > 0):
        while part is not None:
            calls += 1
            reply, error = _try(client, audience_id, part, whole=len(part) == len(members))
            lost += isinstance(error, InDoubtError)
            if error and lost > HOPELESS:
                raise error
            if isinstance(error, InDoubtError) and len(part) == 1:
                lonely.append(part)
            elif error and len(part) == 1:
                reply = _alone(part, error)
            replies += [reply] if reply else []
            part = _next(parts, failed=error is not None)
        asked = [_insist(client, audience_id, part) for part in lonely]
    calls += sum(reply.calls for reply in asked)
    return replace(gather([*replies, *asked]), calls=calls)


@contextmanager
def _in_doubt_once(touched: Callable[[], bool]) -> Iterator[None]:
    """Let nobody think that the batch was not taken once a part of it may have been applied."""
    try:
        yield
    except TURNED_AWAY:
        if touched():
            raise InDoubtError(IN_DOUBT) from None
        raise


def _insist(client: Mailchimp, audience_id: str, part: Members) -> BatchReply:
    """Ask again and again for one member: that its answers were lost may have been chance."""
    asked, reply, error = 0, None, None
    while asked == 0 or (isinstance(error, InDoubtError) and asked < ROUNDS):
        reply, error = _try(client, audience_id, part, whole=False)
        asked += 1
    found = _alone(part, error) if error else reply
    assert found is not None
    return replace(found, calls=asked)


def _next(parts: Generator[Members, bool, list[str]], *, failed: bool) -> Members | None:
    try:
        return parts.send(failed)
    except StopIteration:
        return None


def _try(
    client: Mailchimp, audience_id: str, part: Members, *, whole: bool
) -> tuple[BatchReply | None, MailchimpError | None]:
    """The reply, or the error that sending halves may cure."""
    try:
        return client.upsert(audience_id, body(part), attempts=0 if whole else FEW), None
    except RequestError as error:
        if error.status not in SPLITTING:
            raise
        return None, error
    except InDoubtError as error:
        try:
            client.ping()
        except MailchimpError:
            raise error from None  # it is Mailchimp that is down, and not this batch
        return None, error


def _alone(part: Members, error: MailchimpError) -> BatchReply:
    email, member_id = parse.sent(body(part))
    nobody = ANSWERED.empty_table()
    if isinstance(error, InDoubtError):
        return BatchReply(nobody, in_doubt=(member_id,))
    field, message = next(iter(error.fields), ("", ""))
    words = error.detail or without_addresses(str(error))
    refused = Rejection(email, member_id, "ERROR_CALL", words, field, message)
    return BatchReply(nobody, rejections=(refused,), request_id=error.request_id)
