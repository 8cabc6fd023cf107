"""Halves: which parts of a batch to send when it fails as a whole. No I/O."""

from collections.abc import Generator, Sequence

Members = Sequence[str]
"""Members as JSON objects in text, exactly as they will be sent."""


def halves(members: Members) -> Generator[Members, bool, list[str]]:
    """Offer parts to send, and split those that fail until single members are left.

    Send it True when the part just offered failed as a whole, False when it was settled. It starts
    with all the members, and returns the members that failed alone. After one of those it goes on
    far from it, so that a few of them tell whether any member can be taken.
    """
    culprits: list[str] = []
    waiting: list[Members] = [members] if members else []
    place = -1
    while waiting:
        part, place = waiting.pop(place), -1
        if not (yield part):
            continue
        if len(part) == 1:
            culprits.extend(part)
            place = 0
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return culprits
