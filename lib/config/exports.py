"""Setting an export up: everything is checked before it is saved, and saving sends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from lib.access import Action, require
from lib.config import Office, accounts, columns
from lib.config import segments as config_segments
from lib.contacts.fields import MergeField
from lib.contacts.matching import Matching
from lib.contacts.options import Options
from lib.errors import MatchingError, MissingError
from lib.mailchimp.account import Audience
from lib.mailchimp.retries import Patience
from lib.store import connections, exports
from lib.store import segments as kept_segments
from lib.store.exports import Export
from lib.warehouse import Warehouse

_BRIEF = Patience(attempts=2, throttled=3, longest_s=2.0)
"""Somebody waits for the answer."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An export as somebody wants it."""

    name: str
    connection: str
    """Name or id; empty while detached."""
    audience_id: str
    matching: Matching
    segments: tuple[str, ...]
    """Names or ids."""
    options: Options = field(default_factory=Options)
    schedule: str = ""


def draft_of(office: Office, ref: str) -> Draft:
    """Return an export as somebody would set it up.

    Raises:
        NotFoundError: no such export.
    """
    found = exports.get(office.store, office.who, ref)
    names = {one.id: one.name for one in kept_segments.all(office.store, office.who)}
    return Draft(
        name=found.name,
        connection=found.connection_name,
        audience_id=found.audience_id,
        matching=found.matching,
        segments=tuple(names[segment_id] for segment_id in found.segment_ids),
        options=found.options,
        schedule=found.schedule,
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check found, for whoever saves."""

    audience: Audience
    unfed: tuple[MergeField, ...]
    """Required fields that nothing feeds: contacts new to the audience will be invalid."""


def check(office: Office, warehouse: Warehouse, draft: Draft) -> Checked:
    """Check a draft against Mailchimp and the warehouse.

    Raises:
        ForbiddenError: the role may not change exports, or not use the connection.
        MatchingError: a column or field that is not there, or an address that is no text.
        MissingError: no such audience.
        MailchimpError: Mailchimp does not answer.
        SqlError: a segment that does not work any more.
    """
    _check_here(office, warehouse, draft)
    with accounts.open_account(office, draft.connection) as client:
        audience = client.audience(draft.audience_id)
        fields = client.merge_fields(draft.audience_id)
    check_fields(draft.matching, fields)
    fed = {match.tag for match in draft.matching.fields}
    return Checked(audience, tuple(f for f in fields if f.must_be_fed and f.tag not in fed))


def _check_here(office: Office, warehouse: Warehouse, draft: Draft) -> None:
    """Check what can be checked of a draft without asking Mailchimp.

    Raises:
        ForbiddenError: the role may not change exports.
        MatchingError: no segment, a column that is not there, or an address that is no text.
        SqlError: a segment that does not work any more.
    """
    require(office.who, Action.EDIT_EXPORTS)
    chosen = [kept_segments.get(office.store, office.who, ref) for ref in draft.segments]
    if not chosen:
        raise MatchingError("Choose at least one segment to export.")
    columns.check(warehouse, config_segments.queries(warehouse, chosen), draft.matching)


def check_fields(matching: Matching, fields: Sequence[MergeField]) -> None:
    """Make sure that the audience has every field; Mailchimp would drop unknown ones silently.

    Raises:
        MatchingError: naming the field and what there is instead.
    """
    there = {field.tag for field in fields}
    tags = [match.tag for match in matching.fields]
    if len(set(tags)) < len(tags):
        twice = next(tag for tag in tags if tags.count(tag) > 1)
        raise MatchingError(f"The field {twice} is fed by two columns; keep one of them.")
    for match in matching.fields:
        if match.tag not in there:
            raise MatchingError(
                f"The audience has no field {match.tag}; it has {', '.join(sorted(there))}. "
                "Choose one of these, or create the field in Mailchimp first."
            )


class _Given(TypedDict):
    name: str
    connection: str
    audience_id: str
    audience_name: str
    matching: Matching
    options: Options
    segments: tuple[str, ...]
    schedule: str


def save(
    office: Office, warehouse: Warehouse, draft: Draft, *, ref: str = "", ask: bool = True
) -> Export:
    """Check and save an export, a new one or the one that ``ref`` names; nothing is sent.

    Args:
        office: where, and who.
        warehouse: what its segments read.
        draft: the export as it is to be.
        ref: name or id of the one to change; empty makes a new one.
        ask: ask Mailchimp about audience and fields. Without, a draft can be kept that has no
            connection, or one that may not be spoken to now; its first plan asks.

    Raises:
        InputError: what ``check`` refuses, or a name that is taken.
        RefusedError: the person may not do this.
        MailchimpError: Mailchimp does not answer; nothing is saved.
    """
    if ask:
        audience = check(office, warehouse, draft).audience
        audience_id, audience_name = audience.id, audience.name
    else:
        _check_here(office, warehouse, draft)
        audience_id, audience_name = draft.audience_id, _known_name(office, draft, ref)
    given = _Given(
        name=draft.name,
        connection=draft.connection,
        audience_id=audience_id,
        audience_name=audience_name,
        matching=draft.matching,
        options=draft.options,
        segments=draft.segments,
        schedule=draft.schedule,
    )
    if ref:
        return exports.edit(office.store, office.who, ref, **given)
    return exports.add(office.store, office.who, **given)


def attach(office: Office, ref: str, connection: str) -> Export:
    """Give an export another connection, when the account behind it holds its audience.

    Raises:
        ForbiddenError, NotFoundError: as in the store.
        MatchingError: the account has no such audience.
        MailchimpError: Mailchimp does not answer; nothing is changed.
    """
    require(office.who, Action.EDIT_EXPORTS)
    found = exports.get(office.store, office.who, ref)
    to = connections.get(office.store, office.who, connection)
    with accounts.open_account(office, to.id, patience=_BRIEF) as client:
        try:
            client.audience(found.audience_id)
        except MissingError:
            raise MatchingError(
                f"The account of “{to.name}” has no audience “{found.audience_id}”, which the "
                f"export “{found.name}” goes to: choose a connection to the account that has it, "
                "or edit the export and choose another audience."
            ) from None
    return exports.attach(office.store, office.who, found.id, to.id)


def _known_name(office: Office, draft: Draft, ref: str) -> str:
    """Name an audience as Mailchimp did when it was last asked; empty when that is not known."""
    held = exports.get(office.store, office.who, ref) if ref else None
    return held.audience_name if held and held.audience_id == draft.audience_id else ""
