"""Sign-ins and sign-outs, for the audit log.

They concern who somebody is, not what they may do, so they are written for everybody whom the
identity provider vouches for, also when this installation gives them no role.
"""

from sqlalchemy import select

from lib.store import audit as log
from lib.store.database import Store
from lib.store.tables import audit

NOUN = "sign-in"
"""What the entries are about."""


def begun(store: Store, who: str, mark: str, *, admitted: bool) -> None:
    """Write once that somebody signed in, however many tabs and restarts follow.

    Args:
        store: where.
        who: by what the person is known.
        mark: tells this sign-in from the person's others.
        admitted: the person has a role; otherwise it is written that they were refused.
    """
    verb = "signed in" if admitted else "was refused"
    this = (audit.c.noun == NOUN) & (audit.c.who == who) & (audit.c.ref == mark)
    with store.write() as db:
        if db.scalar(select(audit.c.seq).where(this, audit.c.verb == verb).limit(1)) is None:
            log.record(store, db, who, verb, NOUN, ref=mark)


def ended(store: Store, who: str, mark: str) -> None:
    """Write that somebody signed out.

    Args:
        store: where.
        who: as in ``begun``.
        mark: as in ``begun``.
    """
    with store.write() as db:
        log.record(store, db, who, "signed out", NOUN, ref=mark)
