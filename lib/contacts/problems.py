# ruff: noqa: S608 - names and literals are quoted
"""Problems of values, and clean-ups, counted per merge field with examples."""

from collections.abc import Sequence

from lib.contacts import values
from lib.contacts.contacts import KEY, attributes
from lib.contacts.fields import MergeField
from lib.contacts.matching import Matching
from lib.sql import Sql, ident, text

EXAMPLES = 5

PROBLEMS = {
    "clipped": "Longer than 255 bytes; cut.",
    "not_number": "Not a number; left out.",
    "not_address": "Not an address with its parts; left out.",
    "no_addr1": "The address has no street (addr1), which Mailchimp needs; left out.",
    "no_city": "The address has no city, which Mailchimp needs; left out.",
    "no_state": "The address has no state, which Mailchimp needs; left out.",
    "no_zip": "The address has no postal code (zip), which Mailchimp needs; left out.",
    "not_phone": "Not a telephone number; left out.",
    "not_date": "Not a date with a year of four digits; left out.",
    "not_url": "Not a web address; left out.",
    "not_imageurl": "Not a web address; left out.",
    "not_radio": "Not one of the field's choices; left out.",
    "not_dropdown": "Not one of the field's choices; left out.",
    "not_birthday": "Not a birthday, or with a year of two digits that could be a day; left out.",
    "not_zip": "Not a postal code; left out.",
    "missing": "Required, and empty; such a contact is invalid unless the audience has a value.",
    "cleaned": "Sent without spaces around it, invisible characters or mailto:.",
}
"""What each problem means."""


def select_problems(
    matching: Matching,
    fields: Sequence[MergeField],
    source: str = "raw",
    contacts: str = "contacts",
) -> Sql:
    """Return SQL counting what is wrong with the values, worst first.

    Args:
        matching: which column feeds what.
        fields: merge fields of the audience.
        source: relation with ``muster_key`` and the matched columns, as for select_contacts.
        contacts: relation that select_contacts made from it.

    Returns:
        SQL giving ``tag`` (EMAIL for the address), ``code``, ``n`` and ``examples``, up to five
        of the values as they were given.
    """
    return Sql(
        f"with found as (\n{_of_values(matching, fields, source, contacts)}"
        "  union all by name select unnest(lacks) as tag, 'missing' as code,\n"
        f"    null as given from {ident(contacts)} where len(lacks) > 0\n"
        "  union all by name select 'EMAIL' as tag, problem as code,\n"
        "    coalesce(email_given, email) as given\n"
        f"    from {ident(contacts)} where problem <> ''\n"
        "  union all by name select 'EMAIL' as tag, 'cleaned' as code, email_given as given\n"
        f"    from {ident(contacts)} where problem = '' and email_given is not null\n"
        f"{_cleaned(matching, fields, source)}"
        ")\nselect tag, code, count(*) as n,\n"
        f"  list_sort(list_distinct(min(given, {EXAMPLES}))) as examples\n"
        "from found group by tag, code order by n desc, tag, code"
    )


def _cleaned(matching: Matching, fields: Sequence[MergeField], source: str) -> str:
    return "".join(
        f"  union all by name select {text(a.field.tag)} as tag, 'cleaned' as code,\n"
        f"    {values.as_it_is(a.match, a.field)} as given\n"
        f"    from {ident(source)} where {values.cleaned(a.match, a.field)}\n"
        for a in attributes(matching, fields)
    )


def _of_values(matching: Matching, fields: Sequence[MergeField], source: str, contacts: str) -> str:
    given = "".join(
        f" when {text(a.field.tag)} then {values.given(a.match, a.field)}"
        for a in attributes(matching, fields)
    )
    # Beside columns of the source, whatever they are called, ours have names of our own.
    return (
        "  select muster_tag as tag, muster_code as code,\n"
        f"    {f'case muster_tag{given} end' if given else 'null'} as given from (\n"
        f"      select {KEY}, split_part(item, ':', 1) as muster_tag,\n"
        "        split_part(item, ':', 2) as muster_code\n"
        f'      from (select "key" as {KEY}, unnest(problems) as item from {ident(contacts)}\n'
        f"        where len(problems) > 0)) join {ident(source)} using ({KEY})\n"
    )
