"""Segments against the warehouse: their queries described, and their sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.access import Action, require
from lib.config import Office
from lib.errors import RuleError
from lib.segments.compile import to_sql
from lib.segments.document import from_json
from lib.segments.members import SegmentQuery, count_each, count_members
from lib.sql import Sql
from lib.sql.gate import check_select
from lib.store import counts, segments
from lib.store.segments import Segment
from lib.warehouse import Warehouse
from lib.warehouse.described import describe_segment


@dataclass(frozen=True, slots=True)
class Sizes:
    """Distinct profiles of some segments."""

    each: tuple[int, ...]
    """In the order of the segments."""
    together: int
    """Of their union: a profile in two segments counts once."""


def queries(warehouse: Warehouse, segments: Sequence[Segment]) -> tuple[SegmentQuery, ...]:
    """Describe the segments, so that they can be counted or read together.

    Raises:
        SqlError: one of them does not work any more.
    """
    return tuple(describe_segment(warehouse, segment.name, segment.sql) for segment in segments)


def measure(warehouse: Warehouse, segments: Sequence[SegmentQuery]) -> Sizes:
    """Count distinct profiles, in one pass for each and one for all together.

    Raises:
        SqlError: the engine refuses one of them.
        TimeLimitError: counting took too long.
    """
    profiles = warehouse.profile_table()
    each = _column(warehouse, count_each(segments, profiles), len(segments))
    together = _column(warehouse, count_members(segments, profiles), 1)
    return Sizes(each, together[0])


def _column(warehouse: Warehouse, counting: Sql, rows: int) -> tuple[int, ...]:
    found = warehouse.preview(counting, rows).rows["members"]
    return tuple(int(count.as_py()) for count in found)


@dataclass(frozen=True, slots=True)
class Wording:
    """A segment as somebody wants it: SQL, or rules that become SQL."""

    name: str
    sql: str = ""
    rules: str = ""
    """JSON as ``lib.segments.document`` writes it; wins over sql."""
    description: str = ""


def save(office: Office, warehouse: Warehouse, wording: Wording, *, ref: str = "") -> Segment:
    """Try a segment and save it, a new one or the one that ``ref`` names.

    Raises:
        ForbiddenError: the role may not change segments.
        SqlError: the query is not one read-only SELECT, or the engine refuses it.
        RuleError: the rules cannot become SQL.
        NameTakenError: there is a segment of this name.
    """
    require(office.who, Action.EDIT_SEGMENTS)
    sql = translate(warehouse, wording.rules) if wording.rules else check_select(wording.sql)
    warehouse.describe(Sql(sql))
    rules = wording.rules or None
    if ref:
        return segments.edit(
            office.store,
            office.who,
            ref,
            name=wording.name,
            sql=sql,
            description=wording.description,
            rules=rules,
        )
    return segments.add(
        office.store,
        office.who,
        name=wording.name,
        sql=sql,
        description=wording.description,
        rules=rules,
    )


def translate(warehouse: Warehouse, rules: str) -> str:
    """Return the SQL that rules mean over this warehouse.

    Args:
        warehouse: whose tables the rules are about.
        rules: JSON as ``lib.segments.document`` writes it.

    Raises:
        RuleError: they are malformed, or do not fit the tables.
    """
    profiles = warehouse.profile_table()
    if profiles is None:
        raise RuleError("Rules need a table of profiles; add one as a source, naming its key.")
    return to_sql(from_json(rules), warehouse.tables(), profiles).text


def count(office: Office, warehouse: Warehouse, segment: Segment) -> int:
    """Count a segment's distinct profiles, and keep the count for its trend.

    Raises:
        SqlError: it does not work any more.
    """
    found = measure(warehouse, queries(warehouse, [segment])).together
    counts.record(office.store, office.who, segment.id, found, warehouse.version())
    return found
