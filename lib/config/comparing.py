"""What a file wants of one thing against what there is of it, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from lib.config.configuration import Table

Wanted = TypeVar("Wanted", bound=Table)
_SILENT = {"name", "practice", "i_agree", "api_key_env", "url_env", "sql_file", "rules_file"}
"""Fields that are not what a thing is, but how to get there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that a file wants otherwise."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of the file against what there is."""

    noun: str
    name: str
    verb: Literal["add", "change", "keep"]
    what: tuple[Difference, ...] = field(default=(), hash=False)
    """What differs; of a thing that is added, everything that is not at its default."""

    def differs(self, *fields: str) -> bool:
        """Say whether one of the fields is to change."""
        return any(one.field in fields for one in self.what)


def completed(held: Wanted | None, wanted: Wanted) -> Wanted:
    """Return what there is, with what the file gives on top of it."""
    if held is None:
        return wanted
    given = {name: getattr(wanted, name) for name in wanted.model_fields_set - {"name"}}
    return held.model_copy(update=given)


def compare(noun: str, held: Wanted | None, wanted: Wanted, *more: Difference) -> Change:
    """Compare a completed table with what there is.

    Args:
        noun: what kind of thing it is.
        held: what there is; None when there is none.
        wanted: what there should be, completed.
        more: differences that the tables do not show, such as of keys.
    """
    what = (*_differences(held, wanted), *more)
    verb: Literal["add", "change", "keep"] = "add" if held is None else "change" if what else "keep"
    return Change(noun, wanted.name, verb, what)


def _differences(held: Table | None, wanted: Table) -> Iterator[Difference]:
    new = wanted.model_dump(mode="json")
    old = held.model_dump(mode="json") if held is not None else _defaults(wanted)
    for name, value in new.items():
        if name not in _SILENT and value != old[name]:
            yield Difference(name, old[name] if held is not None else None, value)


def _defaults(table: Table) -> dict[str, object]:
    fields = type(table).model_fields.items()
    empty = type(table).model_construct(
        **{
            name: None if known.is_required() else known.get_default(call_default_factory=True)
            for name, known in fields
        }
    )
    return empty.model_dump(mode="json", warnings=False)
