"""What Mailchimp answers to a batch upsert."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

ANSWERED = pa.schema(
    [("member_id", pa.string()), ("outcome", pa.string()), ("status", pa.string())]
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One contact that Mailchimp refused, in Mailchimp's words.

    ``code`` is ERROR_CONTACT_EXISTS or ERROR_GENERIC as Mailchimp sends it, or ERROR_CALL when the
    call as a whole was refused because of this contact.
    """

    email: str
    member_id: str
    code: str
    message: str
    field: str = ""
    field_message: str = ""


@dataclass(frozen=True, slots=True)
class BatchReply:
    """Every contact of the call is in exactly one of answered, rejections, unanswered, in_doubt."""

    answered: pa.Table
    """Columns of ANSWERED; ``outcome`` is created or updated, ``status`` as Mailchimp left it."""
    rejections: tuple[Rejection, ...] = ()
    unanswered: tuple[str, ...] = ()
    """Member ids Mailchimp did not mention at all, though the call went well."""
    in_doubt: tuple[str, ...] = ()
    """Member ids of contacts that even when sent alone got no usable answer."""
    request_id: str = ""
    calls: int = field(default=1)

    @property
    def created(self) -> tuple[str, ...]:
        """Member ids that are new to the audience (or came back from the archive)."""
        return tuple(self._of("created").column("member_id").to_pylist())

    @property
    def updated(self) -> pa.Table:
        """Columns member_id and status of the members that were there before."""
        return self._of("updated").select(["member_id", "status"])

    def _of(self, outcome: str) -> pa.Table:
        return self.answered.filter(pc.equal(self.answered.column("outcome"), outcome))


def gather(replies: Sequence[BatchReply]) -> BatchReply:
    """Put the replies to the parts of one batch together."""
    tables = [reply.answered for reply in replies] or [ANSWERED.empty_table()]
    return replace(
        replies[-1] if replies else BatchReply(tables[0], calls=0),
        answered=pa.concat_tables(tables),
        rejections=tuple(one for reply in replies for one in reply.rejections),
        unanswered=tuple(one for reply in replies for one in reply.unanswered),
        in_doubt=tuple(one for reply in replies for one in reply.in_doubt),
        calls=sum(reply.calls for reply in replies),
    )
