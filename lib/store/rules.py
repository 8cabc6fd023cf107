"""Rules of an export: when it runs, its guard rails, and a person's word that it may by itself.

What is approved is the export as it is: a change of what it sends, of one of its segments or of
its rails lets the approval lapse. A change of its name or schedule does not.
"""

from collections.abc import Sequence

from lib.access import Action, Person
from lib.errors import ForbiddenError, NotApprovedError
from lib.store import export_record, guard
from lib.store.acts import MACHINE, acting
from lib.store.database import Store
from lib.store.export_change import change, managed
from lib.store.export_record import Export
from lib.store.guard import Guard


def set_schedule(
    store: Store, who: Person, refs: Sequence[str], schedule: str, *, override: bool = True
) -> tuple[Export, ...]:
    """Give exports a schedule, all of them or none.

    Args:
        store: where.
        who: somebody who may manage each of them.
        refs: names or ids.
        schedule: empty to follow the refresh, ``off`` for by hand only, or cron.
        override: also change exports that do not follow the refresh now.

    Returns:
        The exports as they are now, in the order given.

    Raises:
        ForbiddenError: the person may not manage one of them.
        InputError: the schedule is none, never comes, or comes too often.
        NotFoundError: one of them does not exist.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act:
        values = {"schedule": export_record.checked_schedule(schedule)}
        found = [managed(act, ref) for ref in refs]
        return tuple(
            change(act, one, dict(values)) if override or one.follows else one for one in found
        )


def switch(store: Store, who: Person, refs: Sequence[str], *, active: bool) -> tuple[Export, ...]:
    """Switch exports on or off, all of them or none; off, they run by hand only.

    Raises:
        ForbiddenError: the person may not manage one of them.
        InputError: a detached one cannot be switched on.
        NotFoundError: one of them does not exist.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act:
        found = [managed(act, ref) for ref in refs]
        return tuple(change(act, one, {"active": active}) for one in found)


def set_guard(store: Store, who: Person, ref: str, rails: Guard) -> Export:
    """Choose the guard rails; other rails than before have to be approved anew.

    Raises:
        ForbiddenError: the person may not manage the export.
        InputError: a rail is negative or no number.
        NotFoundError: no such export.
    """
    with acting(store, who, Action.EDIT_EXPORTS) as act:
        old = managed(act, ref)
        if guard.checked(rails) == old.guard:
            return old
        values = {"guard": guard.written(rails), "rules_approved_revision": None}
        return change(act, old, values)


def approve_rules(store: Store, who: Person, ref: str, *, revision: int | None = None) -> Export:
    """Let an export run by itself, as it is now and within its rails.

    Args:
        store: where.
        who: a person who may run the export.
        ref: name or id.
        revision: of the export that the person looked at; a later one is refused.

    Raises:
        ForbiddenError: the person may not run the export, or is none.
        NotApprovedError: the export was changed since they looked at it.
        NotFoundError: no such export.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        old = managed(act, ref)
        if who.email == MACHINE:
            raise ForbiddenError("Only a person can approve the rules of an export.")
        if revision not in {None, old.revision}:
            raise NotApprovedError("The export was changed since: look at it again, then approve.")
        if old.rules_approved:
            return old
        values = {
            "rules_approved_by": who.email,
            "rules_approved_at": act.now,
            "rules_approved_revision": old.revision,
        }
        return change(act, old, values, verb="approved the rules of")


def withdraw_rules(store: Store, who: Person, ref: str) -> Export:
    """Let an export run by hand only, until its rules are approved again.

    Raises:
        ForbiddenError: the person may not run the export.
        NotFoundError: no such export.
    """
    with acting(store, who, Action.RUN_EXPORTS) as act:
        names = ("rules_approved_by", "rules_approved_at", "rules_approved_revision")
        values = dict.fromkeys(names)
        return change(act, managed(act, ref), values, verb="withdrew the rules of")
