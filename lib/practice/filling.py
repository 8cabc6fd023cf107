"""Filling an audience with made-up members, a million within seconds."""

from hashlib import md5

import numpy as np

from lib.practice.audience import Audience
from lib.practice.member import BY_SELF, UNSUBSCRIBED

FIRST = ("Ada", "Bo", "Clara", "David", "Emma", "Filip", "Greta", "Hugo", "Iris", "Jonas", "Kaja")
LAST = (
    "Aas",
    "Berg",
    "Dahl",
    "Eide",
    "Foss",
    "Haug",
    "Lie",
    "Moen",
    "Ness",
    "Solberg",
    "Vik",
    "Ødegård",
)
# Of a hundred members so many are unsubscribed, cleaned, pending, transactional, archived.
SHARES = (6, 2, 1, 1, 2)


def fill(audience: Audience, count: int, now: int, *, prefix: str = "member") -> int:
    """Add members ``member1@practice.no`` and so on, skipping known ones; returns how many."""
    members = audience.members
    start = len(members)
    for number in range(1, count + 1):
        email = f"{prefix}{number}@practice.no"
        key = md5(email.encode(), usedforsecurity=False).digest()
        if key in members.rows:
            continue
        members.rows[key] = len(members.emails)
        members.digests.append(key)
        members.emails.append(email)
        members.merges.append(f'{{"FNAME":"{FIRST[number % 11]}","LNAME":"{LAST[number % 12]}"}}')
    _columns(audience, start, now)
    members.touched.update(range(start, len(members)))
    members.version += 1
    return len(members) - start


def _columns(audience: Audience, start: int, now: int) -> None:
    members = audience.members
    rows = np.arange(start, len(members))
    # Coprime steps through the hundred: every status from the first members on.
    status = np.repeat(np.arange(len(SHARES) + 1), (100 - sum(SHARES), *SHARES))[rows * 37 % 100]
    moments = now - 1 - (len(members) - rows) % 7_776_000
    members.status.add(status)
    members.reason.add(np.where(status == UNSUBSCRIBED, BY_SELF, 0))
    members.changed.add(moments)
    members.opted.add(moments)
    members.signed.add(np.zeros(len(rows)))
    members.tagged.add(np.zeros(len(rows)))
    shape = members.shapes.code(("FNAME", "LNAME"))
    members.shape.add(np.full(len(rows), shape))
