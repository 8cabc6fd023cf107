"""The shelf of segments: the table of the library, and what is chosen in it."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from lib.access import Person
from lib.store import Store, counts
from lib.store.segments import Segment
from lib.ui import resources, session, words
from lib.ui.segments.sizes import Size
from lib.ui.text import _

_LONG = 12
"""More segments than this scroll inside the table."""


def draw(
    store: Store, who: Person, segments: Sequence[Segment], sizes: Mapping[str, Size]
) -> list[Segment]:
    """Draw the table and return the segments chosen in it, in the table's order."""
    wanted = session.choice().segment_id
    first = [i for i, segment in enumerate(segments) if segment.id == wanted]
    event = st.dataframe(
        _rows(store, who, segments, sizes),
        # Whoever comes from a segment, or has just made one, gets a table in which it is ticked.
        key=f"library.table.{wanted}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": first}},
        column_config=_columns(),
        hide_index=True,
        height="content" if len(segments) <= _LONG else 430,
        placeholder="",
        alt=_("All segments with their sizes"),
    )
    return [segments[row] for row in sorted(event["selection"]["rows"]) if row < len(segments)]


def _rows(
    store: Store, who: Person, segments: Sequence[Segment], sizes: Mapping[str, Size]
) -> pl.DataFrame:
    trends = [counts.trend(store, who, segment.id, limit=30) for segment in segments]
    limit = resources.settings().export_limit
    members = [sizes[segment.id].profiles for segment in segments]
    limit = resources.settings().export_limit
    return pl.DataFrame(
        {
            "name": [segment.name for segment in segments],
            "members": pl.Series(members, dtype=pl.Int64),
            "share": [min(1.0, (count or 0) / limit) for count in members],
            "trend": [[point.count for point in trend] for trend in trends],
            "used_by": [list(segment.used_by) for segment in segments],
            "counted": [words.ago(trend[-1].at) if trend else "" for trend in trends],
            "kind": [_("Rules") if segment.rules else _("SQL") for segment in segments],
            "changed": [words.ago(segment.changed_at) for segment in segments],
        },
        schema_overrides={"trend": pl.List(pl.Int64), "used_by": pl.List(pl.String)},
    )


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "name": config.TextColumn(_("Segment"), pinned=True, width="medium"),
        "members": config.NumberColumn(_("Members"), format="localized"),
        "share": config.ProgressColumn(
            _("Of the limit"), format="percent", min_value=0, max_value=1
        ),
        "trend": config.LineChartColumn(_("Trend"), width="small"),
        "used_by": config.ListColumn(_("Used by exports")),
        "counted": config.TextColumn(_("Counted"), width=105),
        "kind": config.TextColumn(_("Made of"), width="small"),
        "changed": config.TextColumn(_("Changed"), width=105),
    }
