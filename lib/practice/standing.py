"""Which status a member gets: the rules on who may be subscribed again, and by whom."""

from lib.practice.disputes import Disputes
from lib.practice.member import (
    ARCHIVED,
    BY_SELF,
    CLEANED,
    PENDING,
    SUBSCRIBED,
    UNSUBSCRIBED,
)
from lib.practice.refusal import compliance
from lib.practice.wish import Wish


def first_status(wish: Wish, *, double_optin: bool, disputes: Disputes) -> int | None:
    """The status of somebody new; None when the request names none."""
    wanted = wish.status if wish.status_if_new is None else wish.status_if_new
    if wanted == SUBSCRIBED and double_optin and disputes.forced_opt_in == "pending":
        return PENDING
    return wanted


def next_status(
    wish: Wish, old: int, reason: int, *, in_batch: bool, disputes: Disputes
) -> int | None:
    """The status of somebody who is there; None when it stays.

    Raises:
        RefusalError: Compliance, when somebody may not be subscribed by an integration.
    """
    wanted = wish.status
    if wanted is None and old == ARCHIVED and disputes.archived_if_new == "revives":
        wanted = wish.status_if_new
    if wanted is None or wanted == old:
        return None
    if wanted == SUBSCRIBED and old == PENDING and in_batch:
        return wanted if disputes.pending_subscribed == "confirmed" else None
    if wanted == SUBSCRIBED and _protected(old, reason):
        if in_batch and disputes.resubscribe == "silent":
            return None
        raise compliance(wish.email)
    return wanted


def _protected(status: int, reason: int) -> bool:
    """Bounced, or unsubscribed by themselves; archiving in between changes nothing about it."""
    return status == CLEANED or (status in (UNSUBSCRIBED, ARCHIVED) and reason == BY_SELF)
