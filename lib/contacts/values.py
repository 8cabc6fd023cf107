"""Values of merge fields: how each type is written for Mailchimp, and when a value is dropped.

A value that Mailchimp would refuse is not sent: the contact goes without it and the problem is
counted, unless the field is required. Text that is too long is cut and counted as ``clipped``.
Everything here is DuckDB SQL over one text expression without surrounding or invisible
characters, NULL when empty (see ``tidy``).
"""

from collections.abc import Callable

from lib.contacts.fields import MergeField
from lib.contacts.matching import ADDRESS_PARTS, FieldMatch
from lib.sql import ident, text

LONGEST = 255
"""Bytes of a text value (Mailchimp help, "Merge tags and audience fields"; not confirmed live)."""

_DIRT = r"[\x00-\x1f\x7f\x{a0}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}]"


def tidy(value: str) -> str:
    """Return SQL for a column as text: trimmed, without invisible characters, NULL when empty."""
    given = f"cast({value} as varchar)"
    spaced = rf"regexp_replace({given}, '[\t\r\n\x0b\x0c\x{{a0}}]+', ' ', 'g')"
    clean = f"regexp_replace({spaced}, {text(_DIRT)}, '', 'g')"
    dirty = f"regexp_matches({given}, {text(_DIRT)})"
    return f"nullif(trim(case when {dirty} then {clean} else {given} end), '')"


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
    return _FORMATS[field.type](field, value)


def problem(field: MergeField, value: str, sent: str) -> str:
    """Return SQL for the code of what is wrong with a tidy value, NULL when nothing is.

    Args:
        field: the merge field.
        value: SQL of the tidy value.
        sent: SQL of the formatted value.
    """
    wrong = f"case when {value} is not null and {sent} is null then {text('not_' + field.type)} end"
    if field.type != "text" and not (field.type in _CHOSEN and not field.choices):
        return wrong
    return f"case when strlen({value}) > {LONGEST} then 'clipped' end"


def same(field: MergeField, new: str, old: str) -> str:
    """Return SQL telling that the audience already holds a value, however it writes it."""
    if field.type == "number":
        return f"(try_cast({new} as double) is not distinct from try_cast({old} as double))"
    if field.type == "phone":
        return f"({_digits(new)} = {_digits(old)})"
    if field.type == "address":
        return f"({_joined(new)} = {_joined(old)})"
    if field.type == "date":
        return f"({new} = left({old}, 10))"
    return f"({new} = {old})"


def as_json(field: MergeField, value: str) -> str:
    """Return SQL for a formatted value as it stands in a body."""
    if field.type in ("number", "address"):
        return value
    return f"cast(to_json({value}) as varchar)"


_JSON_NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?"
_NUMBER = r"[+-]?\d{1,15}(?:\.\d+)?(?:[eE][+-]?\d{1,2})?"
_ENGLISH = r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}"
_EUROPEAN = r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d+,(?:\d{1,2}|\d{4,})"
# "1,234" is left out of both on purpose: it is two different numbers.

_CHOSEN = ("radio", "dropdown")


def _text(_: MergeField, value: str) -> str:
    cuts = ", ".join(f"try(decode(encode({value})[1:{LONGEST - n}]))" for n in range(4))
    return f"case when strlen({value}) <= {LONGEST} then {value} else rtrim(coalesce({cuts})) end"


def _number(_: MergeField, value: str) -> str:
    bare = rf"regexp_replace({value}, '[\s\x{{a0}}\x{{202f}}'']', '', 'g')"
    english = _canonical(f"replace({bare}, ',', '')")
    european = _canonical(f"replace(replace({bare}, '.', ''), ',', '.')")
    return (
        f"case when regexp_full_match({value}, {text(_JSON_NUMBER)}) then {value} "
        f"when regexp_full_match({bare}, {text(_NUMBER)}) then {_canonical(bare)} "
        f"when regexp_full_match({bare}, {text(_ENGLISH)}) then {english} "
        f"when regexp_full_match({bare}, {text(_EUROPEAN)}) then {european} end"
    )


def _canonical(number: str) -> str:
    return f"cast(try_cast({number} as double) as varchar)"


def _orders(field: MergeField) -> tuple[str, str]:
    """Return the strptime patterns of day and month in the order the audience writes them."""
    day_first = field.date_format.upper().startswith("DD")
    return ("%d/%m", "%m/%d") if day_first else ("%m/%d", "%d/%m")


def _date(field: MergeField, value: str) -> str:
    first = _orders(field)[0]
    patterns = [
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y%m%d",
        "%d.%m.%Y",
        f"{first}/%Y",
        f"{first.replace('/', '-')}-%Y",
    ]
    formats = ", ".join(text(p) for p in patterns)
    return (
        rf"case when regexp_matches({value}, '^\d{{4}}-\d\d-\d\d(?:$|[T ])') "
        f"then strftime(try_cast(left({value}, 10) as date), '%Y-%m-%d') "
        f"else strftime(try_strptime({value}, [{formats}]), '%Y-%m-%d') end"
    )


def _birthday(field: MergeField, value: str) -> str:
    first = _orders(field)[0]
    year = f"try_strptime({_date(field, value)}, '%Y-%m-%d')"
    patterns = [
        f"%Y/{first}",
        f"%Y/{first.replace('/', '-')}",
        "%Y/--%m-%d",
        "%Y/%d.%m",
        "%Y/%d.%m.",
    ]
    formats = ", ".join(text(p) for p in patterns)
    # 2000 is a leap year, so 29 February is a birthday.
    short = f"try_strptime('2000/' || {value}, [{formats}])"
    return f"strftime(coalesce({year}, {short}), '%m/%d')"


def _phone(field: MergeField, value: str) -> str:
    if field.phone_format.upper() != "US":
        return (
            rf"case when regexp_full_match({value}, '[+(]?[\d][\d\s().,/x-]*') "
            f"and length({_digits(value)}) between 3 and 20 and strlen({value}) <= {LONGEST} then {value} end"
        )
    digits = rf"regexp_extract({_digits(value)}, '^1?([2-9]\d\d[2-9]\d{{6}})$', 1)"
    return (
        f"case when {digits} <> '' then left({digits}, 3) || '-' || substr({digits}, 4, 3) || '-' || "
        f"right({digits}, 4) end"
    )


def _digits(value: str) -> str:
    return f"regexp_replace({value}, '[^0-9]', '', 'g')"


def _zip(_: MergeField, value: str) -> str:
    return (
        f"case when regexp_full_match({value}, '[A-Za-z0-9][A-Za-z0-9 -]{{1,9}}') then {value} end"
    )


def _url(_: MergeField, value: str) -> str:
    return (
        rf"case when regexp_full_match({value}, '(?i)https?://[^\s/?#]+\.[^\s]+') "
        f"and strlen({value}) <= {LONGEST} then {value} end"
    )


def _choice(field: MergeField, value: str) -> str:
    if not field.choices:
        return _text(field, value)
    cases = "".join(f" when {text(c.strip().lower())} then {text(c)}" for c in field.choices)
    return f"case lower({value}){cases} end"


_ALIASES = {
    "addr1": ("addr1", "address1", "street", "line1"),
    "addr2": ("addr2", "address2", "line2"),
    "city": ("city", "town"),
    "state": ("state", "region", "province", "county"),
    "zip": ("zip", "postal_code", "postcode", "zipcode"),
    "country": ("country", "country_code"),
}


def _address(_: MergeField, value: str) -> str:
    document = f"try_cast({value} as json)"
    parts = {key: _part(document, key) for key in ADDRESS_PARTS}
    body = ", ".join(f"{text(key)}: coalesce({part}, '')" for key, part in parts.items())
    complete = " and ".join(f"{parts[key]} is not null" for key in ("addr1", "city", "zip"))
    return (
        f"case when json_type({document}) = 'OBJECT' and {complete} "
        f"then to_json({{{body}}})::varchar end"
    )


def _part(document: str, key: str) -> str:
    found = ", ".join(f"nullif(trim({document} ->> {text(name)}), '')" for name in _ALIASES[key])
    return f"coalesce({found})"


def _joined(value: str) -> str:
    parts = [f"coalesce(try_cast({value} as json) ->> {text(key)}, '')" for key in ADDRESS_PARTS]
    return f"concat_ws(chr(31), {', '.join(parts)})"


_FORMATS: dict[str, Callable[[MergeField, str], str]] = {
    "text": _text,
    "number": _number,
    "address": _address,
    "phone": _phone,
    "date": _date,
    "url": _url,
    "imageurl": _url,
    "radio": _choice,
    "dropdown": _choice,
    "birthday": _birthday,
    "zip": _zip,
}
