"""POST /lists/{list_id}: up to 500 members in one call, each with a fate of its own."""

import json
from dataclasses import dataclass, field
from typing import Any

from lib.practice import subscription
from lib.practice.address import digest
from lib.practice.audience import Audience
from lib.practice.call import Call
from lib.practice.links import links
from lib.practice.locale import translate
from lib.practice.member import ARCHIVED
from lib.practice.member_document import SLIM, render_all
from lib.practice.problem import FieldFault, ProblemError, invalid, schema_fault
from lib.practice.refusal import RefusalError, exists, not_validated
from lib.practice.reply import Reply
from lib.practice.subscription import Terms
from lib.practice.wish import Wish, read_wish

MOST_MEMBERS = 500
# The exact text is not known; this is that of the sibling call for segments.
TOO_MANY = (
    "Maximum allowed member items exceeded, please provide at most 500 items in members field"
)


@dataclass(slots=True)
class Outcome:
    """What became of the members of a call: rows, and errors."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    quoted: bool = False
    language: str = "en"

    def refuse(self, email: str, refusal: RefusalError) -> None:
        """Note a member that was not taken; field and message only for faults of a field."""
        shown = f'"{email}"' if self.quoted else email
        error = {"email_address": shown, "error": refusal.text, "error_code": refusal.code}
        if refusal.faults:
            fault = refusal.faults[0]
            message = translate(fault.message, self.language)
            error |= {"field": fault.field, "field_message": message}
        self.errors.append(error)


def subscribe(call: Call) -> Reply:
    """Add or change members; 200 even if every one of them fails."""
    audience, body = call.audience, call.object()
    items = _read_items(call, body)
    terms = call.terms(in_batch=True, sync_tags=body.get("sync_tags") is True)
    quoted = call.disputes.quoted_address == "quoted"
    outcome = Outcome(quoted=quoted, language=call.language)
    existing = body.get("update_existing") is True
    skip = call.flag("skip_duplicate_check")
    for item in items:
        _take(audience, item, outcome, terms, existing=existing, skip=skip)
    call.world.stats.written += len(outcome.created) + len(outcome.updated)
    if call.disputes.result_order == "shuffled":
        for found in (outcome.created, outcome.updated, outcome.errors):
            call.world.random.shuffle(found)
    return _reply(call, audience, outcome)


def _read_items(call: Call, body: dict[str, Any]) -> list[Any]:
    if "members" not in body:
        raise schema_fault(FieldFault("", "Required fields were not provided: members"))
    items = body["members"]
    if not isinstance(items, list):
        kind = "NULL" if items is None else "object" if isinstance(items, dict) else "string"
        fault = FieldFault("members", f"Schema describes array, {kind} found instead")
        raise schema_fault(fault)
    if len(items) > MOST_MEMBERS:
        raise invalid(TOO_MANY)
    if not items and call.disputes.empty_batch == "refused":
        raise schema_fault(FieldFault("members", "Please enter a value"))
    if call.disputes.member_schema == "call_refused":
        _refuse_bad_shapes(items)
    if call.disputes.duplicates == "call_refused" and not call.flag("skip_duplicate_check"):
        _refuse_duplicates(items)
    return items


def _refuse_bad_shapes(items: list[Any]) -> None:
    for item in items:
        try:
            wish = read_wish(item)
        except RefusalError as refusal:
            raise refusal.problem() from None
        if wish.status is None and wish.status_if_new is None:
            raise schema_fault(FieldFault("status", "Please enter a value"))


def _refuse_duplicates(items: list[Any]) -> None:
    addresses = [
        str(item.get("email_address", "")).strip().lower()
        for item in items
        if item.__class__ is dict
    ]
    if len(set(addresses)) < len(addresses):
        raise ProblemError(
            400, "Invalid Resource", "Duplicate items found in the members list. Try again."
        )


def _take(
    audience: Audience, item: object, outcome: Outcome, terms: Terms, *, existing: bool, skip: bool
) -> None:
    email = ""
    try:
        email = str(item.get("email_address", "")) if isinstance(item, dict) else ""
        wish = read_wish(item)
        if wish.status is None and wish.status_if_new is None:
            raise not_validated()
        key = digest(wish.email)
        if key in outcome.seen:
            if not skip:
                raise RefusalError(f"{wish.email} appears more than once in this request.")
            return
        outcome.seen.add(key)
        _write(audience, wish, key, outcome, terms, existing=existing)
    except RefusalError as refusal:
        outcome.refuse(email, refusal)


def _write(
    audience: Audience, wish: Wish, key: bytes, outcome: Outcome, terms: Terms, *, existing: bool
) -> None:
    members = audience.members
    row = members.find(key)
    if row is None:
        outcome.created.append(subscription.create(audience, wish, key, terms))
        return
    was_archived = members.status[row] == ARCHIVED
    if not existing and not was_archived:
        raise exists(wish.email)
    changed = subscription.update(audience, row, wish, terms)
    revived = was_archived and members.status[row] != ARCHIVED
    if revived and terms.disputes.revived == "created":
        outcome.created.append(row)
    elif changed or terms.disputes.unchanged == "updated":
        outcome.updated.append(row)


def _reply(call: Call, audience: Audience, outcome: Outcome) -> Reply:
    rest = {
        "errors": outcome.errors,
        "total_created": len(outcome.created),
        "total_updated": len(outcome.updated),
        "error_count": len(outcome.errors),
        "_links": links(f"/lists/{audience.list_id}", "POST"),
    }
    text = (
        f'{{"new_members":{render_all(audience, outcome.created, SLIM)},'
        f'"updated_members":{render_all(audience, outcome.updated, SLIM)},'
        f"{json.dumps(rest)[1:]}"
    )
    projection = call.projection()
    asked = projection.wanted or projection.unwanted
    if asked and call.disputes.batch_fields == "honoured":
        text = json.dumps(projection.apply(json.loads(text)))
    return Reply(body=text.encode())
