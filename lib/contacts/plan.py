# ruff: noqa: S608 - names and literals are quoted
"""The plan: contacts against the snapshot, giving every contact exactly one fate."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.contacts import body, values
from lib.contacts.contacts import EMPTY, Attribute, attributes
from lib.contacts.duplicates import resolved
from lib.contacts.fates import Fate, as_fate, detail
from lib.contacts.fields import MergeField
from lib.contacts.left import select_left
from lib.contacts.matching import Matching
from lib.contacts.options import OnLeave, Options
from lib.sql import Sql, ident, text

PARQUET = (
    "format parquet, parquet_version v2, compression snappy, dictionary_size_limit 1000,"
    " row_group_size 32768, write_bloom_filter false"
)
"""Options of COPY for a plan. Nearly every value of the wide columns is unlike the others, so long
dictionaries are wasted work, small row groups stay in the cache, and version 2 keeps lengths apart
from texts: together they save a third of the writing (measured by tests/bench/prepare.py)."""

NONE = "cast([] as varchar[])"
"""No tags."""


def select_plan(
    matching: Matching,
    fields: Sequence[MergeField],
    options: Options,
    *,
    contacts: str = "contacts",
    snapshot: str = "snapshot",
    owned: str | None = None,
    known_rejections: str | None = None,
    alike: bool = False,
) -> Sql:
    """Return SQL for the plan, with the columns of plan.parquet in rising ``ord``.

    Args:
        matching: the same that made the contacts.
        fields: merge fields of the audience.
        options: options of the export.
        contacts: relation that select_contacts made.
        snapshot: relation ``member_id, email, status, merge MAP, tags, last_changed``.
        owned: relation ``member_id, tags VARCHAR[], wanted BOOLEAN`` of the members this export
            added before, the tags it alone gives them, and whether another export wants them;
            without it nobody is treated as having left.
        known_rejections: relation ``member_id, code, message`` of addresses Mailchimp has refused
            for good, one row each; it matters only while they are no members.
        alike: all contacts are in the same segments.

    Raises:
        MatchingError: the matching cannot feed this audience.
    """
    matched = attributes(matching, fields)
    if options.on_leave == OnLeave.NOTHING:
        owned = None
    relations = _Relations(snapshot, owned, known_rejections)
    left = select_left(matched, options.on_leave, contacts, snapshot, owned) if owned else ""
    return Sql(
        f"with {resolved(contacts, alike=alike)},\n"
        f"joined as (\n{_joined(matched, fields, relations)}\n),\n"
        f"judged as (\n{_judged(matched, options, owned is not None)}\n),\n"
        f"fated as (\n{_fated(matched)}\n),\n"
        f"rows as (\n{_rows(matched, options, owned is not None)}{left}\n)\nselect * from rows"
    )


@dataclass(frozen=True, slots=True)
class _Relations:
    snapshot: str
    owned: str | None
    known: str | None


def _joined(
    matched: Sequence[Attribute], fields: Sequence[MergeField], relations: _Relations
) -> str:
    """Return SQL joining each contact with its member, with our tags and with past refusals."""
    olds = "".join(f", old{i}" for i in range(len(matched)))
    owned, known = relations.owned, relations.known
    return (
        f"  select c.*, s.status, coalesce(s.tags, {NONE}) as had{olds},\n"
        f"  {_LACKING_TAGS if _needed(fields) else 'c.lacks'} as lacking,\n"
        + (f"  coalesce(o.tags, {NONE}) as gave,\n" if owned else "")
        + f"  {'k.code' if known else 'null'} as refused,\n"
        f"  {'k.message' if known else 'null'} as refusal\n"
        "  from resolved c\n"
        f"  left join ({_held(matched, fields, relations.snapshot)}) s"
        " on s.member_id = c.member_id\n"
        + (f"  left join {ident(owned)} o on o.member_id = c.member_id\n" if owned else "")
        + (f"  left join {ident(known)} k on k.member_id = c.member_id\n" if known else "")
    )


def _held(matched: Sequence[Attribute], fields: Sequence[MergeField], snapshot: str) -> str:
    """Return SQL for what matters of a member; a join that carries the whole map costs double."""
    olds = "".join(f", nullif({_held_value(a)}, '') as old{i}" for i, a in enumerate(matched))
    if needed := ", ".join(text(tag) for tag in _needed(fields)):
        olds += f", list_filter([{needed}], lambda t: coalesce(merge[t], '') <> '') as holds"
    return f"select member_id, status, tags{olds} from {ident(snapshot)}"


def _held_value(attribute: Attribute) -> str:
    """Return SQL for a member's value, as ``merge['TAG']`` gives it, and almost twice as fast."""
    place = f"list_position(map_keys(merge), {text(attribute.field.tag)})"
    return f"map_values(merge)[{place}]"


def _needed(fields: Sequence[MergeField]) -> list[str]:
    return [field.tag for field in fields if field.must_be_fed]


_LACKING_TAGS = (
    "case when len(c.lacks) = 0 or s.holds is null then c.lacks else\n"
    "    list_filter(c.lacks, lambda t: not list_contains(s.holds, t)) end"
)


def _judged(matched: Sequence[Attribute], options: Options, owned: bool) -> str:
    """Return SQL for the reason against each contact, and what there would be to send."""
    alive = "'subscribed', 'transactional'" + (", 'archived'" if options.revives else "")
    sends = "".join(f",\n  {_sent(a, i)} as send{i}" for i, a in enumerate(matched))
    return (
        "  select *, case when problem <> '' then problem\n"
        "    when winner is not null then 'same_address'\n"
        # Who is a member has signed up by themselves since.
        "    when refused is not null and coalesce(status = 'archived', true)"
        " then 'rejected_before'\n"
        f"    when status is null or status in ({alive}) then\n"
        "      case when len(lacking) > 0 then 'required_missing' else '' end\n"
        "    when status in ('unsubscribed', 'cleaned', 'pending', 'archived') then status\n"
        "    else 'unknown_status' end as reason,\n"
        "  coalesce(status = 'archived', true) as fresh,\n"
        f"  {_tags_add(options)} as adds,\n"
        f"  {_TAGS_REMOVE if owned else NONE} as removes{sends}\n  from joined"
    )


def _sent(attribute: Attribute, i: int) -> str:
    """Return SQL for the value to send, NULL when the audience's value is left alone."""
    new, old = f"new.{ident(attribute.field.tag)}", f"old{i}"
    if attribute.match.keep_filled:
        return f"case when {old} is null then {new} end"
    same = f"coalesce({values.same(attribute.field, new, old)}, false)"
    # Whether Mailchimp still has the values of an archived member is not certain: send them all.
    return (
        f"case when {old} is null or status = 'archived' then {new} "
        f"when {same} then null else {new} end"
    )


def _tags_add(options: Options) -> str:
    if not options.tag_segments:
        return NONE
    lower = "list_transform(had, lambda t: lower(t))"
    # Nearly everybody has no tag or just these, which is told sooner than what of them is missing.
    return (
        'case when len(had) = 0 then "segments" '
        f'when had = "segments" then {NONE} else '
        f'list_filter("segments", lambda t: not list_contains({lower}, lower(t))) end'
    )


_TAGS_REMOVE = (
    f"case when len(gave) = 0 or len(had) = 0 then {NONE} else list_filter(had, lambda t: "
    "list_contains(list_transform(gave, lambda g: lower(g)), lower(t)) and not "
    'list_contains(list_transform("segments", lambda n: lower(n)), lower(t))) end'
)


def _fated(matched: Sequence[Attribute]) -> str:
    sends = ", ".join(f"send{i}" for i in range(len(matched)))
    something = f"coalesce({sends}) is not null or " if sends else ""
    return (
        f"  select *, case when reason = 'same_address' then {as_fate(Fate.DUPLICATE)}\n"
        f"    when problem <> '' or reason = 'required_missing' then {as_fate(Fate.INVALID)}\n"
        f"    when reason <> '' then {as_fate(Fate.SUPPRESSED)}\n"
        f"    when fresh then {as_fate(Fate.ADDED)}\n"
        f"    when {something}len(adds) > 0 or len(removes) > 0 then {as_fate(Fate.UPDATED)}\n"
        f"    else {as_fate(Fate.UNCHANGED)} end as fate\n  from judged"
    )


def _rows(matched: Sequence[Attribute], options: Options, owned: bool) -> str:
    old = ", ".join(f"{text(a.field.tag)}: old{i}" for i, a in enumerate(matched))
    going = "fate in ('added', 'updated')"
    removes = f"case when fate = 'updated' then removes else {NONE} end" if owned else NONE
    particulars = (
        "case reason when 'same_address' then winner when 'rejected_before' then refusal "
        f"when 'required_missing' then {_LACKING} end"
    )
    return (
        '  select seq as ord, "key", email, email_given, member_id, fate, reason,\n'
        f"  case when reason = '' then '' else {detail('reason', particulars)} end as detail,\n"
        "  status as status_before,\n"
        f"  case when status is not null then {f'{{{old}}}' if old else EMPTY} end as old,\n"
        f"  {removes} as tags_remove,\n"
        f'  "segments", problems,\n'
        f"  case when {going} then {body.member(matched, options)} end as body\n"
        "  from fated"
    )


# A value that was left out says why, as in "ADDRESS (no state)".
_LACKING = (
    "array_to_string(list_transform(lacking, lambda t: concat_ws(' ', t, '(' || replace("
    "split_part(list_filter(problems, lambda p: starts_with(p, t || ':'))[1], ':', 2), '_', ' ')"
    " || ')')), ', ')"
)
