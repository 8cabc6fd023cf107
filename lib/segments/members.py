# ruff: noqa: S608 - queries passed the gate, names and literals are quoted
"""Who is in one or several segments: the distinct members, with the columns an export asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lib.errors import MatchingError
from lib.sql import Param, Sql, ident, text
from lib.sql.keys import key_text

KEY = "muster_key"
"""The result's column that tells members apart, named as no table of somebody else's is."""
SEGMENTS = "muster_segments"
"""The result's column of the names of a member's segments."""


class ProfileTable(Protocol):
    """The table with one row per customer; lib.warehouse.ProfileTable is one."""

    @property
    def name(self) -> str:
        """Name of the table."""
        ...

    @property
    def key(self) -> str:
        """Column that tells profiles apart."""
        ...


@dataclass(frozen=True, slots=True)
class SegmentQuery:
    """A segment as SQL, with the columns that the warehouse says it returns."""

    name: str
    query: Sql
    columns: tuple[str, ...]
    types: tuple[str, ...] = ()
    """Of the columns, in their order; empty when they do not matter."""

    def has(self, column: str) -> bool:
        """Tell whether it returns the column; SQL names ignore case."""
        return column.casefold() in {own.casefold() for own in self.columns}


def select_members(
    segments: Sequence[SegmentQuery], profile_table: ProfileTable | None, columns: Sequence[str]
) -> Sql:
    """Return SQL for the distinct union of the segments, one row per profile.

    A segment that returns the profile key is the set of its distinct keys, whatever their type;
    rows without a key are no profiles. Its own columns win over the profile table's, and the first
    segment that has the member and the column wins over later ones. When fan-out gives a member
    several rows of values, the smallest row counts, so the answer never depends on the order of
    rows. A segment without the key is the set of its distinct rows of the asked columns.

    Args:
        segments: in the order in which their names are to appear.
        profile_table: where columns that a segment does not return are looked up.
        columns: columns the result must have, each once.

    Returns:
        SQL giving ``muster_key`` VARCHAR, the columns, and ``muster_segments`` VARCHAR[].

    Raises:
        MatchingError: no segment, or a column that a segment cannot provide.
    """
    _check(segments, profile_table, columns)
    own = {i: _own(s, columns) for i, s in enumerate(segments)}
    hits = [_hit(i, s, profile_table, columns, own[i]) for i, s in enumerate(segments)]
    lookup, join = _lookup(
        profile_table, [c for c in columns if any(c not in o for o in own.values())]
    )
    values = "".join(f",\n  {_value(c, own)} as {ident(c)}" for c in columns)
    return Sql(
        f"with {_ctes(segments)},\nmuster_hits as materialized (\n  {_union(hits)}\n),\n"
        f"{_members(len(segments), [i for i in own if own[i]])}{lookup}\n"
        f'select m."key" as {KEY}{values},\n  {_names(segments)} as {SEGMENTS}\n'
        f"from muster_members m{join}",
        _params(segments),
    )


def select_rows(
    segment: SegmentQuery, profile_table: ProfileTable | None, columns: Sequence[str]
) -> Sql:
    """Return SQL for the members of one segment as its rows come, which costs half as much.

    It is as ``select_members`` without the names of segments, but a member whom the segment
    returns in several rows comes several times: see whether a key repeats before relying on it.

    Args:
        segment: it returns all the columns itself.
        profile_table: its key tells the members apart.
        columns: columns the result must have, each once.

    Returns:
        SQL giving ``muster_key`` VARCHAR and the columns.

    Raises:
        MatchingError: a column that the segment cannot provide.
    """
    _check([segment], profile_table, columns)
    key = _key(segment, profile_table, columns)
    values = "".join(f", s.{ident(column)} as {ident(column)}" for column in columns)
    return Sql(
        f"with {_ctes([segment])}\n"
        f"select {key} as {KEY}{values} from muster_s0 s where {key} is not null",
        _params([segment]),
    )


def count_members(
    segments: Sequence[SegmentQuery],
    profile_table: ProfileTable | None,
    columns: Sequence[str] = (),
) -> Sql:
    """Return SQL counting the distinct union: one row, one column ``members``.

    Args:
        segments: as for select_members.
        profile_table: as for select_members.
        columns: what an export asks for; only matters for a segment without the profile key,
            whose members are its distinct rows (of all its columns when nothing is asked for).
    """
    keys = [_keys(i, s, profile_table, columns) for i, s in enumerate(segments)]
    return Sql(
        f"with {_ctes(segments)}\n"
        f'select count(distinct "key") as members from (\n  {_union(keys)}\n)',
        _params(segments),
    )


def count_each(
    segments: Sequence[SegmentQuery],
    profile_table: ProfileTable | None,
    columns: Sequence[str] = (),
) -> Sql:
    """Return SQL counting every segment: rows of ``ord`` (0..), ``segment``, ``members``."""
    counts = [
        f"select {i} as ord, {text(s.name)} as segment, "
        f'(select count(distinct "key") from ({_keys(i, s, profile_table, columns)})) as members'
        for i, s in enumerate(segments)
    ]
    return Sql(f"with {_ctes(segments)}\n{_union(counts)}\norder by ord", _params(segments))


def _check(
    segments: Sequence[SegmentQuery], profile_table: ProfileTable | None, columns: Sequence[str]
) -> None:
    if not segments:
        raise MatchingError("Choose at least one segment.")
    for column in columns:
        if column.casefold() in {KEY, SEGMENTS}:
            raise MatchingError(
                f"A column called {column} cannot be exported; give it another name in the "
                f"segment, such as {column} as my_{column}."
            )
        for segment in segments:
            if not _is_keyed(segment, profile_table) and not segment.has(column):
                raise MatchingError(_missing(segment, column, profile_table))


def _missing(segment: SegmentQuery, column: str, profile_table: ProfileTable | None) -> str:
    way_out = f" or {profile_table.key}, so that it can be looked up" if profile_table else ""
    return (
        f"Segment {segment.name} does not return the column {column}; add it to the query{way_out}."
    )


def _is_keyed(segment: SegmentQuery, profile_table: ProfileTable | None) -> bool:
    return profile_table is not None and segment.has(profile_table.key)


def _own(segment: SegmentQuery, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for column in columns if segment.has(column))


def _ctes(segments: Sequence[SegmentQuery]) -> str:
    return ",\n".join(f"muster_s{i} as (\n{s.query.text}\n)" for i, s in enumerate(segments))


def _params(segments: Sequence[SegmentQuery]) -> tuple[Param, ...]:
    return tuple(param for segment in segments for param in segment.query.params)


def _union(parts: Sequence[str]) -> str:
    return "\n  union all by name ".join(parts)


def _struct(columns: Sequence[str]) -> str:
    return "{" + ", ".join(f"{text(c.casefold())}: s.{ident(c)}" for c in columns) + "}"


def _key(segment: SegmentQuery, profile_table: ProfileTable | None, columns: Sequence[str]) -> str:
    if profile_table and _is_keyed(segment, profile_table):
        return key_text(f"s.{ident(profile_table.key)}")
    return f"md5(cast(to_json({_struct(columns or segment.columns)}) as varchar))"


def _keys(
    i: int, segment: SegmentQuery, profile_table: ProfileTable | None, columns: Sequence[str]
) -> str:
    key = _key(segment, profile_table, columns)
    return f'select {key} as "key" from muster_s{i} s where {key} is not null'


def _hit(
    i: int,
    segment: SegmentQuery,
    profile_table: ProfileTable | None,
    columns: Sequence[str],
    own: Sequence[str],
) -> str:
    key = _key(segment, profile_table, columns)
    values = f", {_struct(own)} as own{i}" if own else ""
    return f'select {key} as "key", {i} as n{values} from muster_s{i} s where {key} is not null'


def _members(segments: int, owners: Sequence[int]) -> str:
    """Return the terms that fold hits to one row per key.

    Most keys have one hit only; taking those as they are halves the time of folding them all. Which
    have more is told by hashes, quicker than by texts: sharing one by chance does no harm.
    """
    owns = "".join(f", own{i}" for i in owners)
    folded = "".join(f", min(own{i}) as own{i}" for i in owners)
    flags = "".join(f", n = {i} as in{i}" for i in range(segments))
    any_flags = "".join(f", bool_or(n = {i}) as in{i}" for i in range(segments))
    return (
        'muster_often as materialized (\n  select hash("key") as mark from muster_hits\n'
        "  group by mark having count(*) > 1\n),\nmuster_members as (\n"
        f'  select "key"{owns}{flags}\n'
        '  from muster_hits anti join muster_often on mark = hash("key")\n'
        f'  union all by name select "key"{folded}{any_flags}\n'
        '  from muster_hits semi join muster_often on mark = hash("key") group by "key"\n)'
    )


def _names(segments: Sequence[SegmentQuery]) -> str:
    if len(segments) == 1:
        return f"[{text(segments[0].name)}]"
    names = ", ".join(f"case when in{i} then {text(s.name)} end" for i, s in enumerate(segments))
    return f"list_filter([{names}], lambda x: x is not null)"


def _value(column: str, own: Mapping[int, Sequence[str]]) -> str:
    name = ident(column.casefold())
    owners = [i for i, columns in own.items() if column in columns]
    cases = "".join(f" when m.in{i} then m.own{i}.{name}" for i in owners)
    if len(owners) == len(own):
        return f"case{cases} end"
    return f"case{cases} else p.found.{name} end" if cases else f"p.found.{name}"


def _lookup(profile_table: ProfileTable | None, columns: Sequence[str]) -> tuple[str, str]:
    """Return the expression that looks columns up by key, and how it is joined.

    It is folded to one row per key, because nobody promises that the table has only one.
    """
    if profile_table is None or not columns:
        return "", ""
    key = key_text(f"s.{ident(profile_table.key)}")
    found = (
        f',\nmuster_found as (\n  select {key} as "key", min({_struct(columns)}) as found\n'
        f"  from {ident(profile_table.name)} s\n"
        f'  where {key} in (select "key" from muster_members) group by 1\n)'
    )
    return found, '\nleft join muster_found p on p."key" = m."key"'
