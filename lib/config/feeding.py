"""What feeds the fields of an export, as files and commands give it."""

from collections.abc import Mapping, Sequence

from lib.contacts.matching import FieldMatch, Matching
from lib.errors import MatchingError

Column = str | dict[str, str]
"""A column; or the columns of an address: addr1, addr2, city, state, zip, country."""


def columns(first_name: str, last_name: str, fields: Mapping[str, Column]) -> dict[str, Column]:
    """Return what feeds each field that is fed, in the order it is given in.

    Args:
        first_name: column of the usual field for it; empty for none.
        last_name: likewise.
        fields: what feeds other fields, or these; empty for nothing.
    """
    # Fields keep their order: another one would be another matching.
    names: dict[str, Column] = {"FNAME": first_name, "LNAME": last_name}
    given = {tag: column for tag, column in names.items() if column} | dict(fields)
    return {tag.upper(): column for tag, column in given.items() if column}


def matching(email: str, fed: Mapping[str, Column], keep_filled: Sequence[str]) -> Matching:
    """Return the data matching that columns by field make up.

    Args:
        email: column with the address.
        fed: as ``columns`` returns it.
        keep_filled: fields whose values in the audience are never overwritten.

    Raises:
        MatchingError: one of those is not fed at all.
    """
    keep = {tag.upper() for tag in keep_filled}
    if unfed := keep - fed.keys():
        raise MatchingError(
            f"Nothing feeds {', '.join(sorted(unfed))}, so there is nothing to keep from being "
            "overwritten: give the field a column, or take it out of what is kept where filled."
        )
    return Matching(email, tuple(_match(tag, column, tag in keep) for tag, column in fed.items()))


def fed(matching: Matching) -> dict[str, Column]:
    """Return what feeds each field: the other way round of ``matching``."""
    return {match.tag: dict(match.parts) or match.column for match in matching.fields}


def kept(matching: Matching) -> tuple[str, ...]:
    """Return the fields that are never overwritten where they are filled."""
    return tuple(match.tag for match in matching.fields if match.keep_filled)


def _match(tag: str, column: Column, keep: bool) -> FieldMatch:
    if isinstance(column, str):
        return FieldMatch(tag, column, keep)
    street = column.get("addr1") or next(iter(column.values()))
    return FieldMatch(tag, street, keep, tuple(column.items()))
