"""Batches: up to 500 members in one call, in halves if it must be."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lib.errors import AccountError, InDoubtError, MailchimpError, RequestError
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
ALIKE = 5
"""Members refused alone in the same words, while none was taken, after which all would be."""
CHEAP = 20
"""Members of a batch that may all be asked about one by one, whatever the cause."""
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
        AccountError: members are refused one like the other, and none is taken.
        MailchimpError: no member can be the cause: the key, the audience, Mailchimp being down.
            Sending the same members again is always safe.
    """
    sending = _Sending(client, audience_id, len(members))
    with _in_doubt_once(sending.touched):
        sending.parts(halves(members))
        sending.insist()
    return replace(gather(sending.replies), calls=sending.calls)


@dataclass(slots=True)
class _Sending:
    """One batch on its way, in parts if it must be."""

    client: Mailchimp
    audience_id: str
    size: int
    replies: list[BatchReply] = field(default_factory=list)
    lonely: list[Members] = field(default_factory=list)
    """Members that got no answer even alone."""
    calls: int = 0
    lost: int = 0
    taken: bool = False
    """Mailchimp took a part of the batch."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Members refused alone, by Mailchimp's words."""

    def touched(self) -> bool:
        """Say whether a part of the batch may have been applied."""
        return self.taken or self.lost > 0

    def parts(self, parts: Generator[Members, bool, list[str]]) -> None:
        part = next(parts, None)
        while part is not None:
            try:
                part = parts.send(self._failed(part))
            except StopIteration:
                return

    def _failed(self, part: Members) -> bool:
        """Send a part, and say whether it has to be split."""
        reply, error = self._try(part, whole=len(part) == self.size)
        self.lost += isinstance(error, InDoubtError)
        self.taken = self.taken or reply is not None
        if error and self.lost > HOPELESS:
            raise error
        if isinstance(error, InDoubtError) and len(part) == 1:
            self.lonely.append(part)
        elif error and len(part) == 1:
            self._refused_alone(error)
            reply = _alone(part, error)
        self.replies += [reply] if reply else []
        return error is not None

    def _refused_alone(self, error: MailchimpError) -> None:
        """Stop when it is no member's fault: else 500 of them would cost 999 calls."""
        words = str(error) + "".join(without_addresses(message) for _, message in error.fields)
        self.refusals[words] += 1
        if self.refusals[words] >= ALIKE and self.size > CHEAP and not self.touched():
            raise AccountError(
                f"Mailchimp refuses every contact alike. {error}",
                status=error.status,
                request_id=error.request_id,
            )

    def insist(self) -> None:
        """Ask again for the lonely: that their answers were lost may have been chance."""
        for part in self.lonely:
            for _ in range(ROUNDS):
                reply, error = self._try(part, whole=False)
                if not isinstance(error, InDoubtError):
                    break
            found = _alone(part, error) if error else reply
            self.replies += [found] if found else []

    def _try(
        self, part: Members, *, whole: bool
    ) -> tuple[BatchReply | None, MailchimpError | None]:
        """Return the reply, or the error that sending halves may cure."""
        self.calls += 1
        attempts = 0 if whole else FEW
        try:
            return self.client.upsert(self.audience_id, body(part), attempts=attempts), None
        except RequestError as error:
            if error.status not in SPLITTING:
                raise
            return None, error
        except InDoubtError as error:
            try:
                self.client.ping()
            except MailchimpError:
                raise error from None  # it is Mailchimp that is down, and not this batch
            return None, error


@contextmanager
def _in_doubt_once(touched: Callable[[], bool]) -> Iterator[None]:
    """Let nobody think that the batch was not taken once a part of it may have been applied."""
    try:
        yield
    except TURNED_AWAY:
        if touched():
            raise InDoubtError(IN_DOUBT) from None
        raise


def _alone(part: Members, error: MailchimpError) -> BatchReply:
    email, member_id = parse.sent(body(part))
    nobody = ANSWERED.empty_table()
    if isinstance(error, InDoubtError):
        return BatchReply(nobody, in_doubt=(member_id,))
    named, message = next(iter(error.fields), ("", ""))
    words = error.detail or without_addresses(str(error))
    refused = Rejection(email, member_id, "ERROR_CALL", words, named, message)
    return BatchReply(nobody, rejections=(refused,), request_id=error.request_id)
