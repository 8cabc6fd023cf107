"""Forgetting: what the store keeps of one person, and what is older than it may be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select

from lib.access import Action, Person, require
from lib.store import audit
from lib.store.acts import acting
from lib.store.database import Store
from lib.store.tables import LIVE, plans, queries, rejections, runs, segments
from lib.store.tables import audit as audit_table


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the store held of a person's address, besides rejections."""

    queries: int
    segments: tuple[str, ...]
    audit_entries: int


@dataclass(frozen=True, slots=True)
class Expired:
    """What ended before a moment."""

    runs: tuple[str, ...]
    plans: tuple[str, ...]
    """Ids; none of a run that is not over."""


def forget_person(store: Store, who: Person, address: str) -> Forgotten:
    """Delete queries that hold the address; name the segments that do, and count audit entries.

    Raises:
        ForbiddenError: not an administrator.
    """
    with acting(store, who, Action.PURGE) as act:
        holds = _holds(queries.c.sql + " " + queries.c.error, address)
        gone = act.db.execute(delete(queries).where(holds)).rowcount
        texts = segments.c.sql + " " + func.coalesce(segments.c.rules, "")
        named = act.db.scalars(
            select(segments.c.name).where(_holds(texts, address)).order_by(segments.c.name_key)
        )
        listed = tuple(named)
        words = audit_table.c.name + " " + audit_table.c.old + " " + audit_table.c.new
        entries = act.db.scalar(select(func.count()).where(_holds(words, address)))
        # The audit log is for ever, so it must not learn the address.
        act.note("purged", "person", ref="", new={"queries": gone, "segments": len(listed)})
    store.scrub()
    return Forgotten(gone, listed, entries or 0)


def _holds(words: ColumnElement[str], address: str) -> ColumnElement[bool]:
    """Ask whether words hold an address, as it is or as SQL writes it between apostrophes."""
    spellings = dict.fromkeys((address, address.replace("'", "''")))
    return or_(*(words.icontains(one, autoescape=True) for one in spellings))


def expired(store: Store, who: Person, before: datetime) -> Expired:
    """List runs that ended, and plans that were made, before a moment.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(who, Action.EDIT_SYSTEM)
    live = select(runs.c.plan_id).where(runs.c.state.in_(LIVE), runs.c.plan_id.is_not(None))
    old_runs = select(runs.c.id).where(runs.c.state.not_in(LIVE), runs.c.finished_at < before)
    old_plans = select(plans.c.id).where(plans.c.made_at < before, plans.c.id.not_in(live))
    old_plans = old_plans.where(plans.c.state != "making")
    with store.read() as db:
        return Expired(tuple(db.scalars(old_runs)), tuple(db.scalars(old_plans)))


def forget_old(store: Store, who: Person, old_runs: Sequence[str], before: datetime) -> int:
    """Delete rejections of runs, and queries older than a moment; say how many rows.

    Raises:
        ForbiddenError: not an administrator.
    """
    require(who, Action.EDIT_SYSTEM)
    with store.write() as db:
        gone = 0
        for first in range(0, len(old_runs), 500):
            some = rejections.c.run_id.in_(old_runs[first : first + 500])
            gone += db.execute(delete(rejections).where(some)).rowcount
        gone += db.execute(delete(queries).where(queries.c.at < before)).rowcount
        if gone:
            new = {"rows": gone, "before": before}
            audit.record(store, db, who, "swept", "contact data", ref="", new=new)
    if gone:
        store.scrub()
    return gone
