"""Values of merge fields: how each type is written for Mailchimp, and when a value is dropped.

A value that Mailchimp would refuse is not sent: the contact goes without it and the problem is
counted, unless the field is required. Text that is too long is cut and counted as ``clipped``.
Everything here is DuckDB SQL over one text expression without surrounding or invisible
characters, NULL when empty (see ``tidy``).
"""

from lib.contacts.fields import MergeField
from lib.contacts.formats import CHOSEN, FORMATS, LONGEST, digits, incomplete, same_address
from lib.contacts.matching import FieldMatch
from lib.sql import ident, text

# Without U+200C and U+200D: Persian and Indic names and many emoji are written with them.
_DIRT = (
    r"\x00-\x1f\x7f\x{a0}\x{ad}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}"
)
_EDGE = r"[\p{Zs}\x{200c}\x{200d}]"
_UNTIDY = rf"^{_EDGE}|[{_DIRT}]|{_EDGE}$"


def tidy(value: str) -> str:
    """Return SQL for a column as text: trimmed, without invisible characters, NULL when empty.

    One regular expression tells the few values that need it; trimming all costs twice as much.
    """
    given = f"cast({value} as varchar)"
    spaced = rf"regexp_replace({given}, '[\t\r\n\x0b\x0c\x{{a0}}]+', ' ', 'g')"
    bare = f"regexp_replace({spaced}, {text(f'[{_DIRT}]')}, '', 'g')"
    clean = f"regexp_replace({bare}, {text(f'^{_EDGE}+|{_EDGE}+$')}, '', 'g')"
    return f"nullif(case when {_untidy(value)} then {clean} else {given} end, '')"


def _untidy(value: str) -> str:
    return f"regexp_matches(cast({value} as varchar), {text(_UNTIDY)})"


def cleaned(match: FieldMatch, field: MergeField) -> str:
    """Return SQL telling that ``given`` is not just what the profile holds."""
    columns = [column for _, column in match.parts] or [match.column]
    if field.type == "address" and not match.parts:
        return "false"
    untidy = " or ".join(f"coalesce({_untidy(ident(column))}, false)" for column in columns)
    return f"(({untidy}) and {given(match, field)} is not null)"


def as_it_is(match: FieldMatch, field: MergeField) -> str:
    """Return SQL for what the profile holds for a field, to be shown to a person."""
    if match.parts:
        return given(match, field)
    return f"cast({ident(match.column)} as varchar)"


def given(match: FieldMatch, field: MergeField) -> str:
    """Return SQL for what the profile holds for a field, as tidy text."""
    if field.type != "address":
        return tidy(ident(match.column))
    if match.parts:
        parts = ", ".join(f"{text(k)}: {tidy(ident(c))}" for k, c in match.parts)
        anything = ", ".join(tidy(ident(c)) for k, c in match.parts if k != "country")
        return f"case when coalesce({anything}) is not null then to_json({{{parts}}})::varchar end"
    column = ident(match.column)
    as_json = f"to_json({column})"
    is_object = f"json_type({as_json}) = 'OBJECT'"
    return f"case when {is_object} then {as_json}::varchar else {tidy(column)} end"


def formatted(field: MergeField, value: str) -> str:
    """Return SQL for a tidy value as Mailchimp takes it, as text; NULL when it must not be sent."""
    return FORMATS[field.type](field, value)


def problem(field: MergeField, value: str, sent: str) -> str:
    """Return SQL for the code of what is wrong with a tidy value, NULL when nothing is.

    Args:
        field: the merge field.
        value: SQL of the tidy value.
        sent: SQL of the formatted value.
    """
    code = incomplete(value) if field.type == "address" else text("not_" + field.type)
    wrong = f"case when {value} is not null and {sent} is null then {code} end"
    if field.type != "text" and not (field.type in CHOSEN and not field.choices):
        return wrong
    return f"case when strlen({value}) > {LONGEST} then 'clipped' end"


def same(field: MergeField, new: str, old: str) -> str:
    """Return SQL telling that the audience already holds a value, however it writes it."""
    if field.type == "number":
        return f"(try_cast({new} as double) is not distinct from try_cast({old} as double))"
    if field.type == "phone":
        # A plus is part of the number: 49… and +49… are two.
        abroad = " = ".join(f"starts_with(ltrim({v}, ' ('), '+')" for v in (new, old))
        return f"({digits(new)} = {digits(old)} and ({abroad}))"
    if field.type == "address":
        return same_address(new, old)
    if field.type == "date":
        return f"({new} = left({old}, 10))"
    return f"({new} = {old})"


def as_json(field: MergeField, value: str) -> str:
    """Return SQL for a formatted value as it stands in a body."""
    if field.type in ("number", "address"):
        return value
    return f"cast(to_json({value}) as varchar)"
