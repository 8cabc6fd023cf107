"""How each type of merge field is written: from a tidy text to one that Mailchimp takes, or NULL.

The forms are those of the Mailchimp Marketing API 3.0 reference (lists/merge-fields and
lists/members): number a JSON number, date YYYY-MM-DD whatever the field shows, birthday MM/DD,
address an object of addr1, addr2, city, state, zip, country.

A date has a year of four digits: of fewer, nobody can say which century or even which part of the
date they are. A birthday needs no year, so two digits at its end will do when they cannot be a day
(32 to 99); "3/4/24" is left out.
"""

from collections.abc import Callable

from lib.contacts.fields import MergeField
from lib.contacts.matching import ADDRESS_PARTS
from lib.sql import text

LONGEST = 255
"""Bytes of a text value (Mailchimp help, "Merge tags and audience fields"; not confirmed live)."""

_JSON_NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?"
_NUMBER = r"[+-]?(?:\d{1,15}(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_ENGLISH = r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}"
_EUROPEAN = r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d+,(?:\d{1,2}|\d{4,})|-?,\d+"
# "1,234" is left out of both on purpose: it is two different numbers.

CHOSEN = ("radio", "dropdown")
"""Types whose values are choices."""


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


_DATED = r"^\d{4}[/-]|^\d{8}$|[./-]\d{4}$"
"""Where a date has its year. strptime alone would take 24 for the year 24, and 3/4/24 for 0003."""


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
        f"when regexp_matches({value}, {text(_DATED)}) "
        f"then strftime(try_strptime({value}, [{formats}]), '%Y-%m-%d') end"
    )


_SHORT_YEAR = r"^(\d{1,2}[./-]\d{1,2}[./-])(3[2-9]|[4-9]\d)$"
"""A day and a month, in the order they would have before a whole year, and two digits of a year."""


def _birthday(field: MergeField, value: str) -> str:
    first = _orders(field)[0]
    # 2000 is a leap year, so 29 February is a birthday.
    longer = rf"regexp_replace({value}, {text(_SHORT_YEAR)}, '\12000')"
    years = (f"try_strptime({_date(field, one)}, '%Y-%m-%d')" for one in (value, longer))
    patterns = [
        f"%Y/{first}",
        f"%Y/{first.replace('/', '-')}",
        "%Y/--%m-%d",
        "%Y/%d.%m",
        "%Y/%d.%m.",
    ]
    formats = ", ".join(text(p) for p in patterns)
    short = f"try_strptime('2000/' || {value}, [{formats}])"
    return f"strftime(coalesce({', '.join(years)}, {short}), '%m/%d')"


def _phone(field: MergeField, value: str) -> str:
    if field.phone_format.upper() == "US":
        # Without its plus, +47 22 22 22 22 would be somebody else's number.
        dialled = f"regexp_replace({value}, '[^0-9+]', '', 'g')"
        number = rf"regexp_extract({dialled}, '^(?:\+?1)?([2-9]\d\d[2-9]\d{{6}})$', 1)"
        parts = f"left({number}, 3), substr({number}, 4, 3), right({number}, 4)"
        return f"case when {number} <> '' then concat_ws('-', {parts}) end"
    return (
        rf"case when regexp_full_match({value}, '[+(]*\d[\d\s().,/x-]*') "
        f"and length({digits(value)}) between 3 and 20 and strlen({value}) <= {LONGEST} "
        f"then {value} end"
    )


def digits(value: str) -> str:
    """Return SQL for the digits of a text."""
    return f"regexp_replace({value}, '[^0-9]', '', 'g')"


def _zip(_: MergeField, value: str) -> str:
    # The type is for United States codes only; other countries' codes belong in a text field.
    return rf"case when regexp_full_match({value}, '\d{{5}}(?:-\d{{4}})?') then {value} end"


def _url(_: MergeField, value: str) -> str:
    return (
        rf"case when regexp_full_match({value}, '(?i)https?://[^\s/?#.]+\.[^\s]+') "
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


NEEDED = ("addr1", "city", "state", "zip")
"""Parts without which Mailchimp may refuse an address, and the whole contact with it ("Please enter
a complete address", observed; the Marketing API 3.0 reference names them as required)."""


def _address(_: MergeField, value: str) -> str:
    document = f"try_cast({value} as json)"
    parts = {key: _part(document, key) for key in ADDRESS_PARTS}
    complete = " and ".join(f"{parts[key]} is not null" for key in NEEDED)
    # Without a country Mailchimp may put in the field's own; an empty one would be a value.
    country = parts.pop("country")
    there = ", ".join(f"{text(key)}: coalesce({part}, '')" for key, part in parts.items())
    return (
        f"case when not (json_type({document}) = 'OBJECT' and {complete}) then null "
        f"when {country} is null then to_json({{{there}}})::varchar "
        f"else to_json({{{there}, 'country': {country}}})::varchar end"
    )


def incomplete(value: str) -> str:
    """Return SQL for the code of what an address lacks: the first needed part that is empty."""
    document = f"try_cast({value} as json)"
    cases = "".join(f" when {_part(document, k)} is null then {text(f'no_{k}')}" for k in NEEDED)
    return f"case when json_type({document}) = 'OBJECT' then case{cases} end else 'not_address' end"


def _part(document: str, key: str) -> str:
    found = ", ".join(f"nullif(trim({document} ->> {text(name)}), '')" for name in _ALIASES[key])
    return f"coalesce({found})"


def same_address(new: str, old: str) -> str:
    """Return SQL telling that an address is held already; no country means whichever is held."""
    before = [key for key in ADDRESS_PARTS if key != "country"]
    parts = (
        f"concat_ws(chr(31), {', '.join(_held(value, key) for key in before)})"
        for value in (new, old)
    )
    there = _held(new, "country")
    return f"({' = '.join(parts)} and {there} in ('', {_held(old, 'country')}))"


def _held(value: str, key: str) -> str:
    return f"coalesce(try_cast({value} as json) ->> {text(key)}, '')"


FORMATS: dict[str, Callable[[MergeField, str], str]] = {
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
"""By type, from the field and the SQL of a tidy text to the SQL of the formatted value."""
