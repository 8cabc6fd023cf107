"""The contract with Mailchimp: how many contacts the account holds, and how many it may hold."""

from dataclasses import dataclass

from lib.access import Person
from lib.errors import OverLimitError
from lib.runs import opening
from lib.settings import Settings
from lib.store import consent, exports
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

    @property
    def over(self) -> int:
        """Contacts beyond the contract, once the plan is carried out."""
        return max(0, self.held + self.adds - self.limit)


def held(store: Store, settings: Settings, who: Person, connection: str) -> int:
    """Ask Mailchimp how many contacts the account of a connection holds.

    Raises:
        MailchimpError: it does not answer.
    """
    with opening.mailchimp(store, settings, who, connection) as client:
        return sum(one.members + one.unsubscribed for one in client.audiences())


def room(store: Store, settings: Settings, who: Person, plan: Plan) -> Room | None:
    """Measure a plan against the contract; None when nobody typed the limit.

    Raises:
        ForbiddenError: the person may not use the connection.
        MailchimpError: Mailchimp does not answer.
    """
    connection = exports.get(store, who, plan.export_id).connection_id
    if connection is None:
        return None
    allowed = consent.contract(store, who, connection)
    if allowed.limit is None:
        return None
    adds = int(plan.counts.get("fates", {}).get("added", 0))
    return Room(allowed.limit, allowed.blocks, held(store, settings, who, connection), adds)


def require_room(store: Store, settings: Settings, who: Person, plan: Plan) -> None:
    """Let a plan pass that fits the contract, or whose connection only warns.

    Raises:
        OverLimitError: it does not fit, and the connection blocks.
    """
    # An undo adds nobody, so it may go even from an account that is over.
    found = None if plan.undoes else room(store, settings, who, plan)
    if found is not None and found.blocks and found.adds and found.over:
        raise OverLimitError(
            f"This plan adds {found.adds:,} to {found.held:,} contacts, {found.over:,} more than "
            f"the {found.limit:,} of the contract with Mailchimp: narrow the segments, or ask an "
            "administrator to change the limit."
        )
