"""The contract with Mailchimp: how many contacts the account holds, and how many it may hold."""

from collections.abc import Callable
from dataclasses import dataclass

from lib.access import Person
from lib.errors import OverLimitError
from lib.runs import opening
from lib.settings import Settings
from lib.store import consent, exports, runs
from lib.store.consent import Contract
from lib.store.database import Store
from lib.store.plans import Plan


@dataclass(frozen=True, slots=True)
class Room:
    """What a plan does to the room that the contract leaves."""

    limit: int
    blocks: bool
    held: int
    """Subscribed and unsubscribed contacts of all audiences. No field of the API tells what is
    billed (Mailchimp Marketing API 3.0 reference): several integrations report all but the
    archived and the cleaned; no count shows pending and transactional ones, so they are missing."""
    adds: int
    """Contacts that the plan adds, or is still to add."""
    coming: int = 0
    """Contacts that other runs are still to add to the account."""

    @property
    def over(self) -> int:
        """Contacts beyond the contract, once the plan and the other runs are carried out."""
        return max(0, self.held + self.coming + self.adds - self.limit)


Count = Callable[[Store, Settings, Person, str], int]
"""Finds out how many contacts the account of a connection holds, as ``held`` does."""


def held(store: Store, settings: Settings, who: Person, connection: str) -> int:
    """Ask Mailchimp how many contacts the account of a connection holds.

    Raises:
        MailchimpError: it does not answer.
    """
    with opening.mailchimp(store, settings, who, connection) as client:
        return sum(one.members + one.unsubscribed for one in client.audiences())


def room(
    store: Store,
    settings: Settings,
    who: Person,
    plan: Plan,
    *,
    begun: bool = False,
    count: Count = held,
) -> Room | None:
    """Measure a plan against the contract; None when nobody typed the limit.

    Args:
        store: where.
        settings: of this installation.
        who: somebody who may use the connection.
        plan: one that is ready, or that is being carried out.
        begun: it is being carried out: of the other runs, those that wait are measured later.
        count: how to find out how many contacts the account holds.

    Raises:
        ForbiddenError: the person may not use the connection.
        MailchimpError: Mailchimp does not answer.
    """
    connection = exports.get(store, who, plan.export_id).connection_id or ""
    allowed = _allowed(store, who, plan)
    if allowed.limit is None:
        return None
    run = runs.of_plan(store, who, plan.id)
    added = run.outcomes["added"] if run else 0
    adds = max(0, int(plan.counts.get("fates", {}).get("added", 0)) - added)
    # Before the account is asked: what a run adds meanwhile is rather counted twice than never.
    coming = runs.to_add(store, who, connection, besides=plan.id, queued=not begun)
    return Room(
        allowed.limit, allowed.blocks, count(store, settings, who, connection), adds, coming
    )


def require_room(
    store: Store, settings: Settings, who: Person, plan: Plan, *, begun: bool = False
) -> None:
    """Let a plan pass that fits the contract, or whose connection only warns.

    Args:
        store: where.
        settings: of this installation.
        who: somebody who may use the connection.
        plan: as in ``room``.
        begun: as in ``room``.

    Raises:
        OverLimitError: it does not fit, and the connection blocks.
    """
    # An undo adds nobody, so it may go even from an account that is over.
    if plan.undoes or not _allowed(store, who, plan).blocks:
        return
    found = room(store, settings, who, plan, begun=begun)
    if found is None or not (found.adds and found.over):
        return
    if found.coming:
        raise OverLimitError(
            f"This plan adds {found.adds:,} to {found.held:,} contacts and {found.coming:,} that "
            f"other runs are adding, {found.over:,} more than the {found.limit:,} of the contract "
            "with Mailchimp: narrow the segments, or ask an administrator to change the limit."
        )
    raise OverLimitError(
        f"This plan adds {found.adds:,} to {found.held:,} contacts, {found.over:,} more than "
        f"the {found.limit:,} of the contract with Mailchimp: narrow the segments, or ask an "
        "administrator to change the limit."
    )


def _allowed(store: Store, who: Person, plan: Plan) -> Contract:
    connection = exports.get(store, who, plan.export_id).connection_id
    return Contract(None, False) if connection is None else consent.contract(store, who, connection)
