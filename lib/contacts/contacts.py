# ruff: noqa: S608 - names and literals are quoted
"""Contacts: profiles after data matching, cleaned and checked, one row per profile."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.contacts import address, values
from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.errors import MatchingError
from lib.sql import Sql, ident, text

KEY, SEGMENTS = "muster_key", "muster_segments"
"""Columns of members beside those that are matched, as lib.segments.members names them."""
EMPTY = 'cast(null as struct("EMAIL" varchar))'
"""The struct of values when nothing but the address is matched."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A merge field of the audience with what feeds it."""

    match: FieldMatch
    field: MergeField


def attributes(matching: Matching, fields: Sequence[MergeField]) -> tuple[Attribute, ...]:
    """Return what the matching feeds.

    Raises:
        MatchingError: a tag the audience does not have (Mailchimp would drop it without a word),
            a tag fed twice, or parts for a field that is no address.
    """
    known = {field.tag: field for field in fields}
    tags = [match.tag for match in matching.fields]
    for match in matching.fields:
        if match.tag not in known:
            raise MatchingError(
                f"The audience has no merge field {match.tag}; remove it or add it in Mailchimp."
            )
        if tags.count(match.tag) > 1:
            raise MatchingError(f"{match.tag} is matched twice; keep one of the two columns.")
        if match.parts and known[match.tag].type != "address":
            raise MatchingError(f"{match.tag} is no address; match it to one column.")
    return tuple(Attribute(match, known[match.tag]) for match in matching.fields)


def select_contacts(matching: Matching, fields: Sequence[MergeField], source: str = "raw") -> Sql:
    """Return SQL for the contacts, one row per row of the source.

    Which of several profiles with one address is the contact is settled in the plan, see
    lib.contacts.duplicates.

    Args:
        matching: which column feeds what.
        fields: merge fields of the audience.
        source: relation of members, with ``muster_key``, ``muster_segments`` and the matched
            columns.

    Returns:
        SQL giving ``seq`` (0.. by key), ``key``, ``email_given`` (NULL when the address is sent as
        it was given), ``email``, ``member_id`` (NULL when the address is unusable), ``problem``
        ('' or why it is), ``segments``, ``new`` (formatted values by tag), ``problems``
        (``TAG:code`` of each value that was dropped or clipped), ``lacks`` (required tags without
        a value, be it a default), ``filled`` (how many values) and ``mark`` (UBIGINT, the same for
        contacts with the same address, and hardly ever for others; NULL when it is unusable).

    Raises:
        MatchingError: see ``attributes``.
    """
    rows = select_formed(matching, fields, source).text
    # Materialised, because numbering runs on one thread and the rest must not.
    return Sql(
        "with formed as materialized (\n  select row_number() over () - 1 as seq, *\n"
        f"  from (\n{rows}\n)\n)\n{_contacts(attributes(matching, fields), fields, 'formed')}"
    )


def select_numbered(
    matching: Matching, fields: Sequence[MergeField], formed: str, *, only_segment: str = ""
) -> Sql:
    """Return SQL for the contacts of a table that ``select_formed`` filled in its order.

    Its row ids number them; otherwise they are as ``select_contacts`` makes them.

    Args:
        matching: the same that filled the table.
        fields: merge fields of the audience.
        formed: the table.
        only_segment: as for ``select_formed``.

    Raises:
        MatchingError: see ``attributes``.
    """
    matched = attributes(matching, fields)
    segments = f', [{text(only_segment)}] as "segments"' if only_segment else ""
    rows = f"(select rowid as seq, *{segments} from {ident(formed)})"
    return Sql(_contacts(matched, fields, rows))


def select_formed(
    matching: Matching,
    fields: Sequence[MergeField],
    source: str = "raw",
    *,
    only_segment: str = "",
) -> Sql:
    """Return SQL for the rows that contacts are made of: cleaned and checked, by rising key.

    Members are sorted as they come, while they are narrow: sorting what is made of them costs a
    tenth of a plan more. DuckDB keeps the order of a subquery where it is told to preserve the
    order of insertion. Kept in a table that preserves it, contacts need no numbering, which runs
    on one thread only (tests/bench/prepare.py).

    Args:
        matching: which column feeds what.
        fields: merge fields of the audience.
        source: as for ``select_contacts``.
        only_segment: name of the one segment that everybody is in. A list that is the same in
            every row is then neither read nor kept, as it would cost a tenth of the work.

    Returns:
        SQL giving ``key``, ``segments``, ``email_given``, ``email``, ``problem``, ``problems`` and
        ``mark`` as ``select_contacts`` does, and the values as ``v0``, ``v1``….

    Raises:
        MatchingError: see ``attributes``.
    """
    matched = attributes(matching, fields)
    values = "".join(f", v{i}" for i in range(len(matched)))
    segments = "" if only_segment else ', "segments"'
    given = _given(matching, matched, source, only_segment)
    return Sql(
        f'select "key"{segments}, nullif(email_given, email) as email_given, email,\n'
        f"  {_problem()} as problem, {_problems(matched)} as problems,\n"
        f"  case when problem = '' then hash(lower(email)) end as mark{values}\n"
        f"from (\n{_formatted(matched)}\n  from (\n{given}"
        f" order by length({KEY}), {KEY}))"
    )


def _given(matching: Matching, matched: Sequence[Attribute], source: str, only_segment: str) -> str:
    tidy = "".join(f",\n  {values.given(a.match, a.field)} as g{i}" for i, a in enumerate(matched))
    email = f"cast({ident(matching.email)} as varchar)"
    segments = "" if only_segment else f', {SEGMENTS} as "segments"'
    return f'  select {KEY} as "key"{segments}, {email} as email_given{tidy} from {ident(source)}'


def _formatted(matched: Sequence[Attribute]) -> str:
    plain, clean = address.is_plain("email_given"), address.clean("email_given")
    formatted = (
        f",\n  {values.formatted(a.field, f'g{i}')} as v{i}" for i, a in enumerate(matched)
    )
    return (
        f"  select *, {plain} as plain,\n"
        f"  case when {plain} then email_given else {clean} end as email{''.join(formatted)}"
    )


def _problem() -> str:
    return (
        f"case when not coalesce(plain, false) then {address.problem('email')} "
        f"when {address.too_long('email')} then 'email_too_long' else '' end"
    )


def _contacts(matched: Sequence[Attribute], fields: Sequence[MergeField], rows: str) -> str:
    new = ", ".join(f"{text(a.field.tag)}: v{i}" for i, a in enumerate(matched))
    return (
        f'select seq, "key", email_given, email, "segments", problem,\n'
        f"  case when problem = '' then {address.member_id('email')} end as member_id,\n"
        f"  {f'{{{new}}}' if new else EMPTY} as new,\n"
        f"  problems,\n  {_lacks(matched, fields)} as lacks,\n"
        f"  {_filled(matched)} as filled, mark\nfrom {rows}"
    )


def _problems(matched: Sequence[Attribute]) -> str:
    codes = {a.field.tag: values.problem(a.field, f"g{i}", f"v{i}") for i, a in enumerate(matched)}
    items = [f"{text(tag + ':')} || {code}" for tag, code in codes.items()]
    return _compact(items)


def _lacks(matched: Sequence[Attribute], fields: Sequence[MergeField]) -> str:
    position = {a.field.tag: i for i, a in enumerate(matched)}
    items = []
    for field in fields:
        if not field.must_be_fed:
            continue
        if field.tag in position:
            items.append(f"case when v{position[field.tag]} is null then {text(field.tag)} end")
        else:
            items.append(text(field.tag))
    return _compact(items)


def _compact(items: Sequence[str]) -> str:
    """Return SQL for the list of the items that are not NULL; cheap when all are."""
    if not items:
        return "cast([] as varchar[])"
    return (
        f"case when coalesce({', '.join(items)}) is null then cast([] as varchar[]) "
        f"else list_filter([{', '.join(items)}], lambda x: x is not null) end"
    )


def _filled(matched: Sequence[Attribute]) -> str:
    return " + ".join(f"(v{i} is not null)::int" for i in range(len(matched))) or "0"
