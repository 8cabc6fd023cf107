"""Batches: bodies of up to 500 members, and halves of those that fail as a whole. No I/O."""

from collections.abc import Generator, Sequence

MOST = 500
"""Most members in one call (Mailchimp Marketing API 3.0 reference, POST /lists/{list_id})."""

Members = Sequence[str]
"""Members as JSON objects in text, exactly as they will be sent."""


def body(members: Members) -> bytes:
    """The body of the batch upsert; tags are added to, never replaced, and status is not sent.

    Raises:
        ValueError: for more than 500 members.
    """
    if len(members) > MOST:
        raise ValueError(f"{len(members)} members in one call; at most {MOST} are allowed.")
    listed = ",".join(members)
    return f'{{"members":[{listed}],"update_existing":true,"sync_tags":false}}'.encode()


def halves(members: Members) -> Generator[Members, bool, list[str]]:
    """Offer parts to send, and split those that fail until single members are left.

    Send it True when the part just offered failed as a whole, False when it was settled. It starts
    with all the members, and returns the members that failed alone.
    """
    culprits: list[str] = []
    waiting: list[Members] = [members] if members else []
    while waiting:
        part = waiting.pop()
        if not (yield part):
            continue
        if len(part) == 1:
            culprits.extend(part)
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return culprits
