"""Suggestions for data matching, from names of columns and a sample of their values."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import pyarrow as pa

from lib.contacts.evidence import Evidence, gather
from lib.contacts.fields import MergeField
from lib.contacts.matching import ADDRESS_PARTS, FieldMatch, Matching
from lib.contacts.vocabulary import MEANINGS, PARTS, TAGS

ENOUGH = 0.5
"""Least score, of 1, at which something is suggested."""


class Column(Protocol):
    """A column; lib.warehouse.Column is one."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def type(self) -> str:
        """The engine's name of its type."""
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested match, with why."""

    tag: str
    """Merge tag; EMAIL for the address."""
    match: FieldMatch
    score: float
    """From 0 to 1."""
    reason: str
    """Why, in words."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All suggestions, best first; each column is suggested once."""

    found: tuple[Suggestion, ...] = ()

    @property
    def email(self) -> str:
        """Column of the address, empty when none is likely."""
        return next((s.match.column for s in self.found if s.tag == "EMAIL"), "")

    @property
    def matching(self) -> Matching:
        """The matching they make; its ``email`` is empty when no column is likely."""
        return Matching(self.email, tuple(s.match for s in self.found if s.tag != "EMAIL"))


def suggest(
    columns: Sequence[Column], sample: pa.Table | None, fields: Sequence[MergeField]
) -> Suggestions:
    """Suggest which column feeds the address and each merge field.

    A name alone is enough when it is plain (``fornavn`` for FNAME); values alone are enough for
    addresses; otherwise both must agree, and values that contradict a name veto it. No column is
    suggested for two fields, and no field gets a column that only might be right.

    Args:
        columns: columns that can be matched, with the engine's types.
        sample: some rows with these columns, up to a few thousand; None to go by names only.
        fields: merge fields of the audience.
    """
    evidence = {c.name: gather(c.name, c.type, sample) for c in columns}
    email = MergeField("EMAIL", "Email")
    scored = [
        suggestion
        for field in (email, *fields)
        for name in evidence
        if (suggestion := _weigh(field, name, evidence[name])).score >= ENOUGH
    ]
    scored += [s for field in fields if field.type == "address" for s in _parts(field, evidence)]
    return Suggestions(_apart(scored, [email.tag, *(field.tag for field in fields)]))


def _apart(scored: Sequence[Suggestion], tags: Sequence[str]) -> tuple[Suggestion, ...]:
    """Keep the best for each field so that no column is used twice."""
    kept: dict[str, Suggestion] = {}
    used: set[str] = set()
    for suggestion in sorted(scored, key=lambda s: (-s.score, tags.index(s.tag))):
        columns = set(suggestion.match.columns)
        if suggestion.tag not in kept and not columns & used:
            kept[suggestion.tag] = suggestion
            used |= columns
    return tuple(kept[tag] for tag in tags if tag in kept)


def _weigh(field: MergeField, name: str, evidence: Evidence) -> Suggestion:
    """Score a column for a field: the name proposes, the values confirm or veto."""
    named, because = _named(field, name)
    fit, seen = evidence.fit(field)
    score = named if fit is None else named * fit
    if field.tag == "EMAIL" and fit is not None and fit > 0.6:
        score = max(score, 0.55 + 0.3 * fit + 0.1 * named)
    reasons = "; ".join(reason for reason in (because if named else "", seen) if reason)
    return Suggestion(field.tag, FieldMatch(field.tag, name), min(score, 1.0), reasons)


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Split a name of a column into lower-case words without accents: ``firstName`` in two."""
    apart = re.sub(r"(?<=[a-zæøåäöü0-9])(?=[A-ZÆØÅÄÖÜ])", " ", name)
    plain = unicodedata.normalize("NFKD", apart.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", bare))


def _named(field: MergeField, column: str) -> tuple[float, str]:
    """Score a column's name for a field."""
    given = words(column)
    joined = "".join(given)
    own = {"".join(words(field.tag)), "".join(words(field.name))} - {""}
    if joined in own:
        return 0.95, f"“{column}” is the field's own name"
    meaning = TAGS.get(field.tag) or _meaning(field)
    known = {"".join(words(word)) for word in MEANINGS.get(meaning, ())}
    if joined in known:
        return 1.0, f"“{column}” means {meaning}"
    inside = [w for w in known if len(w) >= 4 and (w in given or _ends(given, w))]
    if inside and not _other(given, meaning):
        return 0.75, f"“{column}” speaks of {meaning}"
    return 0.0, ""


def _meaning(field: MergeField) -> str:
    if field.type in ("birthday", "phone", "zip", "address", "imageurl"):
        return {"zip": "postal code", "imageurl": "picture"}.get(field.type, field.type)
    joined = "".join(words(field.name))
    for meaning, known in MEANINGS.items():
        if joined in {"".join(words(word)) for word in known}:
            return meaning
    return ""


def _ends(given: Sequence[str], word: str) -> bool:
    return any("".join(given[i:]) == word for i in range(len(given)))


def _other(given: Sequence[str], meaning: str) -> bool:
    """Tell whether the words say something that belongs to another meaning as well."""
    others = {
        "".join(words(word))
        for other, known in MEANINGS.items()
        if other != meaning
        for word in known
    }
    return bool(others & set(given))


def _parts(field: MergeField, evidence: dict[str, Evidence]) -> list[Suggestion]:
    """Suggest an address made from several columns."""
    found: dict[str, str] = {}
    for part in ADDRESS_PARTS:
        known = {"".join(words(word)) for word in PARTS[part]}
        for name in evidence:
            if "".join(words(name)) in known and part not in found:
                found[part] = name
    if not {"addr1", "city", "zip"} <= set(found):
        return []
    match = FieldMatch(field.tag, found["addr1"], parts=tuple(found.items()))
    return [Suggestion(field.tag, match, 0.9, f"made from {', '.join(found.values())}")]
