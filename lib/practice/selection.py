"""Which members a listing shows, and in which order: rows found by numpy, kept while unchanged."""

from collections.abc import Mapping

import numpy as np

from lib.practice.audience import Audience
from lib.practice.columns import Array
from lib.practice.disputes import Disputes
from lib.practice.member import ARCHIVED, GONE, STATUSES, UNSUBSCRIBED, Members
from lib.practice.problem import FieldFault, invalid, schema_fault
from lib.practice.timestamp import read_time

_TIMES = {"last_changed": "changed", "timestamp_opt": "opted", "timestamp_signup": "signed"}
_FILTERS = (
    "status",
    "email_type",
    "since_last_changed",
    "before_last_changed",
    "since_timestamp_opt",
    "before_timestamp_opt",
    "unsubscribed_since",
    "unique_email_id",
    "vip_only",
    "sort_field",
    "sort_dir",
    "since_last_campaign",
)
_MOST_KEPT = 8


class Selections:
    """Selected rows by audience and filter, kept until a member changes: paging costs a page."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[Members, int, Array]] = {}

    def rows(self, audience: Audience, query: Mapping[str, str], disputes: Disputes) -> Array:
        """Row numbers of all members that the query asks for.

        Raises:
            ProblemError: 400, for a filter that makes no sense.
        """
        asked = tuple(query.get(name, "") for name in _FILTERS)
        key = (audience.list_id, disputes.since, asked)
        members, version, rows = self._kept.get(key, (None, -1, None))
        # After a reset there are other members, whose versions begin anew.
        if rows is None or members is not audience.members or version != members.version:
            rows = select(audience, query, disputes)
            self._kept.pop(key, None)
            self._kept[key] = (audience.members, audience.members.version, rows)
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return rows


def select(audience: Audience, query: Mapping[str, str], disputes: Disputes) -> Array:
    """Row numbers by the query's filters, sorted as it asks."""
    _check(query)
    mask = _with_status(audience, query.get("status", ""))
    mask = _within(audience, query, disputes, mask)
    for name, default in (("email_type", "html"), ("vip_only", None)):
        if query.get(name, ""):
            mask &= _with_rare(audience, name, query[name].lower(), default)
    if query.get("unique_email_id", ""):
        mask &= _with_unique_id(audience, query["unique_email_id"])
    return _sort(audience, query, np.flatnonzero(mask))


def _check(query: Mapping[str, str]) -> None:
    status = query.get("status", "")
    if status and status not in STATUSES[: ARCHIVED + 1]:
        expected = ", ".join(STATUSES[: ARCHIVED + 1])
        raise schema_fault(FieldFault("status", f"Value must be one of: {expected}"))
    if query.get("unsubscribed_since", "") and status != "unsubscribed":
        raise invalid("The unsubscribed_since filter can only be used with status=unsubscribed.")
    if query.get("since_last_campaign", "") and not status:
        raise invalid("The since_last_campaign filter can only be used with a status.")
    if query.get("sort_field", "") not in ("", *_TIMES):
        raise schema_fault(FieldFault("sort_field", f"Value must be one of: {', '.join(_TIMES)}"))
    if query.get("sort_dir", "").upper() not in ("", "ASC", "DESC"):
        raise schema_fault(FieldFault("sort_dir", "Value must be one of: ASC, DESC"))


def _with_status(audience: Audience, status: str) -> Array:
    column = audience.members.status.values
    mask: Array = column == STATUSES.index(status) if status else column < ARCHIVED
    return mask


def _within(audience: Audience, query: Mapping[str, str], disputes: Disputes, mask: Array) -> Array:
    members = audience.members
    for name, column in _TIMES.items():
        values = getattr(members, column).values
        if since := query.get(f"since_{name}", ""):
            moment = read_time(since, f"since_{name}")
            inclusive = name == "last_changed" and disputes.since == "inclusive"
            mask = mask & (values >= np.floor(moment) if inclusive else values > moment)
        if before := query.get(f"before_{name}", ""):
            mask = mask & (values < read_time(before, f"before_{name}"))
    if since := query.get("unsubscribed_since", ""):
        moment = read_time(since, "unsubscribed_since")
        mask = mask & (members.changed.values > moment) & (members.status.values == UNSUBSCRIBED)
    found: Array = mask & (members.status.values != GONE)
    return found


def _with_rare(audience: Audience, name: str, wanted: str, default: object) -> Array:
    members = audience.members
    if name == "vip_only":
        if wanted != "true":
            return np.ones(len(members), dtype=bool)
        name, wanted = "vip", "true"
    mask = np.full(len(members), wanted == default)
    for row, rare in members.rare.items():
        if name in rare:
            mask[row] = str(rare[name]).lower() == wanted
    return mask


def _with_unique_id(audience: Audience, wanted: str) -> Array:
    digests = audience.members.digests
    return np.fromiter((key.hex()[:10] == wanted for key in digests), bool, len(digests))


def _sort(audience: Audience, query: Mapping[str, str], rows: Array) -> Array:
    field = query.get("sort_field", "")
    if not field:
        return rows
    values = getattr(audience.members, _TIMES[field]).values[rows]
    backwards = query.get("sort_dir", "").upper() == "DESC"
    return rows[np.argsort(-values if backwards else values, kind="stable")]
