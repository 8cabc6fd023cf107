"""Fields of an export as commands name them: ``TAG=COLUMN``, or ``TAG.part=COLUMN``."""

from collections.abc import Mapping, Sequence

from lib.config.feeding import Column
from lib.contacts.matching import ADDRESS_PARTS
from lib.errors import InputError

HELP = (
    "Another merge field; repeatable. An address of several columns takes one for each part: "
    f"ADDRESS.addr1=street ADDRESS.city=town, of {', '.join(ADDRESS_PARTS)}. An empty column is "
    "not fed any more."
)


def columns(given: Sequence[str], held: Mapping[str, Column]) -> dict[str, Column]:
    """Put what a command gives on top of what there is.

    Args:
        given: as typed; the last word on a field counts.
        held: what feeds each field by now.

    Raises:
        InputError: one of them is not written as a field, or an address has no such part.
    """
    fed = dict(held)
    for one in given:
        tag, part, column = _split(one)
        fed[tag] = _parts(fed.get(tag), part, column) if part else column
    return fed


def _parts(before: Column | None, part: str, column: str) -> dict[str, str]:
    known = before if isinstance(before, dict) else {}
    return {name: one for name, one in (known | {part: column}).items() if one}


def _split(given: str) -> tuple[str, str, str]:
    named, equals, column = given.partition("=")
    tag, dot, part = (word.strip() for word in named.partition("."))
    if not (tag and equals) or bool(dot) != bool(part):
        raise InputError(f"Write --field as TAG=COLUMN or TAG.part=COLUMN, not {given}.")
    if part and part.lower() not in ADDRESS_PARTS:
        raise InputError(f"An address has no {part}; it has {', '.join(ADDRESS_PARTS)}.")
    return tag.upper(), part.lower(), column.strip()
