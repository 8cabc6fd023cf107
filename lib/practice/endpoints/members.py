"""Members singly: list, show, add, upsert, change, archive, delete for ever."""

import json

from lib.practice import subscription
from lib.practice.address import digest
from lib.practice.address import fault as address_fault
from lib.practice.audience import Audience
from lib.practice.call import Call
from lib.practice.member import ARCHIVED, CLEANED, PENDING, SUBSCRIBED
from lib.practice.member_document import render
from lib.practice.member_page import member_page
from lib.practice.problem import FieldFault, ProblemError, invalid, not_found, schema_fault
from lib.practice.refusal import RefusalError, member_exists
from lib.practice.reply import Reply, nothing
from lib.practice.standing import next_status
from lib.practice.wish import Wish, read_wish


def index(call: Call) -> Reply:
    """GET /lists/{list_id}/members: the archived only when asked for by status."""
    audience = call.audience
    offset, count = call.page()
    rows = call.world.selections.rows(audience, call.query, call.disputes)
    page = rows[offset : offset + count].tolist()
    return member_page(audience, page, len(rows), call.projection())


def show(call: Call) -> Reply:
    """GET /lists/{list_id}/members/{subscriber_hash}."""
    return _shown(call, call.audience, _row(call))


def create(call: Call) -> Reply:
    """POST /lists/{list_id}/members: only somebody new, or archived."""
    audience, terms = call.audience, call.terms()
    try:
        wish = _wish(call)
        _need(wish.email, "email_address")
        key = digest(wish.email)
        row = audience.members.find(key)
        if row is None:
            row = subscription.create(audience, wish, key, terms)
        elif audience.members.status[row] == ARCHIVED and wish.status is not None:
            subscription.update(audience, row, wish, terms)
        else:
            _refuse_known(call, audience, row, wish)
    except RefusalError as refusal:
        raise refusal.problem() from None
    call.world.stats.written += 1
    return _shown(call, audience, row)


def _refuse_known(call: Call, audience: Audience, row: int, wish: Wish) -> None:
    members = audience.members
    if wish.status == SUBSCRIBED:
        status, reason = members.status[row], members.reason[row]
        next_status(wish, status, reason, in_batch=False, disputes=call.disputes)
    raise member_exists(wish.email)


def upsert(call: Call) -> Reply:
    """PUT /lists/{list_id}/members/{subscriber_hash}."""
    audience, terms = call.audience, call.terms()
    row = find(audience, call.params["subscriber_hash"])
    try:
        wish = _wish(call)
        if row is None:
            row = _put_new(call, audience, wish)
        else:
            if call.disputes.tags_on_put == "ignored":
                wish.tags = None
            _move(audience, row, wish)
            subscription.update(audience, row, wish, terms)
    except RefusalError as refusal:
        raise refusal.problem() from None
    call.world.stats.written += 1
    return _shown(call, audience, row)


def _put_new(call: Call, audience: Audience, wish: Wish) -> int:
    if not wish.email and "@" in call.params["subscriber_hash"]:
        wish.email = call.params["subscriber_hash"]
    _need(wish.email, "email_address")
    key = digest(wish.email)
    if audience.members.find(key) is not None:
        raise member_exists(wish.email)
    return subscription.create(audience, wish, key, call.terms())


def update(call: Call) -> Reply:
    """PATCH /lists/{list_id}/members/{subscriber_hash}."""
    audience, row = call.audience, _row(call)
    try:
        wish = _wish(call)
        _move(audience, row, wish)
        subscription.update(audience, row, wish, call.terms())
    except RefusalError as refusal:
        raise refusal.problem() from None
    call.world.stats.written += 1
    return _shown(call, audience, row)


def _move(audience: Audience, row: int, wish: Wish) -> None:
    members = audience.members
    old = members.emails[row]
    if not wish.email or wish.email == old:
        wish.email = old
        return
    if wish.email.lower() != old.lower():
        _check_move(audience, row, wish.email)
    members.move(row, wish.email)
    members.version += 1


def _check_move(audience: Audience, row: int, email: str) -> None:
    fault = address_fault(email)
    if fault:
        raise invalid(fault)
    if audience.members.find(digest(email)) is not None:
        raise member_exists(email)
    status = audience.members.status[row]
    if status != SUBSCRIBED:
        word = {CLEANED: "cleaned", PENDING: "pending", ARCHIVED: "archived"}.get(
            status, "unsubscribed"
        )
        text = (
            f'This member\'s status is "{word}." You can only update email addresses '
            'for members with a status of "subscribed."'
        )
        raise schema_fault(FieldFault("email_address", text))


def archive(call: Call) -> Reply:
    """DELETE /lists/{list_id}/members/{subscriber_hash}: archives."""
    members, row = call.audience.members, _row(call)
    if members.status[row] in (ARCHIVED, CLEANED, PENDING):
        raise ProblemError(
            405,
            "Method Not Allowed",
            "This list member cannot be removed. "
            "Can not archive a contact that is bounced, pending or archived",
            allow=("GET", "PUT"),
        )
    members.status[row] = ARCHIVED
    members.touch(row, call.world.now)
    return nothing()


def delete_permanently(call: Call) -> Reply:
    """POST /lists/{list_id}/members/{subscriber_hash}/actions/delete-permanent."""
    call.audience.members.forget(_row(call), call.world.now)
    return nothing()


def find(audience: Audience, name: str) -> int | None:
    """The row of a member named by id, by address, or by ``contact_id``."""
    if "@" in name:
        return audience.members.find(digest(name))
    try:
        key = bytes.fromhex(name)
    except ValueError:
        return None
    row = audience.members.find(key)
    # Contact ids are member ids written backwards, a choice of this stand-in.
    return audience.members.find(bytes.fromhex(name[::-1])) if row is None else row


def _row(call: Call) -> int:
    row = find(call.audience, call.params["subscriber_hash"])
    if row is None:
        raise not_found()
    return row


def _wish(call: Call) -> Wish:
    return read_wish(call.object())


def _need(value: str, name: str) -> None:
    if not value:
        raise schema_fault(FieldFault(name, "Please enter a value"))


def _shown(call: Call, audience: Audience, row: int) -> Reply:
    text, projection = render(audience, row), call.projection()
    if projection.wanted or projection.unwanted:
        text = json.dumps(projection.apply(json.loads(text)))
    return Reply(body=text.encode())
