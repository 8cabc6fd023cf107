"""Writing one member: the rules that single calls and batches share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lib.practice import address
from lib.practice.audience import Audience
from lib.practice.disputes import Disputes
from lib.practice.member import ARCHIVED, BY_API, NO_REASON, SUBSCRIBED, UNSUBSCRIBED
from lib.practice.merge_field import MergeField
from lib.practice.merge_value import NO_VALUE, MergeValueError, read_value
from lib.practice.problem import FieldFault
from lib.practice.refusal import BAD_MERGE, RefusalError, forgotten, not_validated, too_many_signups
from lib.practice.standing import first_status, next_status
from lib.practice.wish import Wish


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for every member of a call."""

    now: int
    disputes: Disputes
    tag_id: Callable[[], int]
    """Gives out ids of new tags."""
    unlucky: Callable[[str, str], bool] = lambda _fault, _email: False
    """Whether a fault of the dial (by name) strikes an address."""
    skip_merge_validation: bool = False
    sync_tags: bool = False
    in_batch: bool = False


def create(audience: Audience, wish: Wish, key: bytes, terms: Terms) -> int:
    """A new member; returns the row.

    Raises:
        RefusalError: When the address, its history, the status or a merge value is not acceptable.
    """
    _check_address(audience, wish, key, terms)
    optin = bool(audience.settings.get("double_optin"))
    status = first_status(wish, double_optin=optin, disputes=terms.disputes)
    if status is None:
        raise not_validated(FieldFault("status", NO_VALUE))
    values = read_merge(audience, wish.merge, {}, terms, new=True)
    members = audience.members
    row = members.add(wish.email, key, terms.now)
    members.status[row] = status
    members.reason[row] = BY_API if status == UNSUBSCRIBED else NO_REASON
    members.set_values(row, values)
    _take_rest(audience, row, wish, terms)
    return row


def _check_address(audience: Audience, wish: Wish, key: bytes, terms: Terms) -> None:
    fault = address.fault(wish.email)
    if fault:
        raise RefusalError(fault)
    if audience.members.forgotten(key):
        raise forgotten(wish.email)
    if terms.unlucky("reject-address", wish.email):
        raise RefusalError(
            f"{wish.email} looks fake or invalid, please enter a real email address."
        )
    if terms.unlucky("signup-throttle", wish.email):
        raise too_many_signups(wish.email)


def update(audience: Audience, row: int, wish: Wish, terms: Terms) -> bool:
    """Change a member; returns whether anything changed.

    Raises:
        RefusalError: When the status or a merge value is not acceptable.
    """
    members = audience.members
    if terms.unlucky("reject-address", members.emails[row]):
        raise RefusalError(
            f"{wish.email} looks fake or invalid, please enter a real email address."
        )
    old = members.status[row]
    status = next_status(
        wish, old, members.reason[row], in_batch=terms.in_batch, disputes=terms.disputes
    )
    before = members.values(row) if wish.merge else {}
    values = read_merge(audience, wish.merge, before, terms, new=False) if wish.merge else before
    changed = status is not None or values != before
    if status is not None:
        _set_status(audience, row, status, terms.now)
    if values != before:
        members.set_values(row, values)
    changed = _take_rest(audience, row, wish, terms) or changed
    if changed:
        members.touch(row, terms.now)
    return changed


def _set_status(audience: Audience, row: int, status: int, now: int) -> None:
    members = audience.members
    if status == SUBSCRIBED or members.status[row] == ARCHIVED:
        members.opted[row] = now
    members.reason[row] = BY_API if status == UNSUBSCRIBED else NO_REASON
    members.status[row] = status


def read_merge(
    audience: Audience, given: dict[str, Any], before: dict[str, Any], terms: Terms, *, new: bool
) -> dict[str, Any]:
    """The merge values after a request: sent ones replace, others stay, unknown tags are dropped.

    Raises:
        RefusalError: Naming every field whose value is not acceptable.
    """
    values, faults = dict(before), []
    for tag, value in given.items():
        field = _field(audience, tag, terms)
        if field is None:
            continue
        try:
            values[field.tag] = read_value(field, value, terms.disputes)
        except MergeValueError as fault:
            faults.append(FieldFault(field.tag, str(fault)))
    faults += _complete(audience, given, values, terms, new=new)
    if faults:
        raise RefusalError(BAD_MERGE, faults=tuple(faults))
    return {tag: value for tag, value in values.items() if value != ""}


def _field(audience: Audience, tag: str, terms: Terms) -> MergeField | None:
    field = audience.by_tag.get(tag)
    if field is None and terms.disputes.merge_case == "folded":
        return audience.by_tag.get(tag.upper())
    return field


def _complete(
    audience: Audience, given: dict[str, Any], values: dict[str, Any], terms: Terms, *, new: bool
) -> list[FieldFault]:
    """Put in defaults; returns what is missing of the required."""
    missing, every = [], terms.disputes.required_on_update == "all"
    for field in audience.fields:
        if not (field.required or field.default_value):
            continue
        if new and field.default_value:
            values.setdefault(field.tag, field.default_value)
        needed = field.required and not terms.skip_merge_validation
        sent = new or field.tag in given
        if needed and (values.get(field.tag, "") == "" if sent else every):
            missing.append(FieldFault(field.tag, NO_VALUE))
    return missing


def _take_rest(audience: Audience, row: int, wish: Wish, terms: Terms) -> bool:
    members = audience.members
    changed = False
    if wish.rare:
        kept = members.rare.get(row, {})
        changed = any(kept.get(name) != value for name, value in wish.rare.items())
        members.rare[row] = kept | wish.rare
    for name, moment in wish.times.items():
        column = members.opted if name == "timestamp_opt" else members.signed
        changed = changed or column[row] != moment
        column[row] = moment
    return _take_tags(audience, row, wish.tags, terms) or changed


def _take_tags(audience: Audience, row: int, names: list[str] | None, terms: Terms) -> bool:
    if names is None:
        wipe = terms.sync_tags and terms.disputes.sync_without_tags == "wiped"
        names = [] if wipe else None
    if names is None or (terms.in_batch and terms.disputes.tags_in_batch == "ignored"):
        return False
    wanted = tuple(dict.fromkeys(tag_id(audience, name, terms) for name in names))
    held = audience.members.tags(row)
    after = wanted if terms.sync_tags else held + tuple(tag for tag in wanted if tag not in held)
    if set(after) == set(held):
        return False
    audience.members.set_tags(row, after)
    return True


def tag_id(audience: Audience, name: str, terms: Terms) -> int:
    """The id of the tag of this name, which is made when there is none."""
    tag = audience.find_tag(name, exact=terms.disputes.tag_case == "exact")
    return (tag or audience.add_tag(name, terms.tag_id(), terms.now)).id
