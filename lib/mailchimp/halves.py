"""Halves: which parts of a batch to send when it fails as a whole. No I/O."""

from collections.abc import Generator, Sequence

Members = Sequence[str]
"""Members as JSON objects in text, exactly as they will be sent."""


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
