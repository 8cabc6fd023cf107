"""The list of exports: found by a word, narrowed to those that need somebody, ticked to act on."""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import polars as pl
import streamlit as st

from lib.config import Office, views
from lib.config.schedule import Standing
from lib.config.views import View
from lib.store import counts, segments
from lib.store.counts import Count
from lib.ui import language, session
from lib.ui.exports import recurrence, standings
from lib.ui.text import _

_LONG = 14
"""More exports than this scroll inside the table."""


def narrow(listed: Sequence[Standing]) -> list[Standing]:
    """Draw the search and the choice of a part; return the exports that fit."""
    numbers = {view: sum(views.fits(one, view) for one in listed) for view in View}
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            _("Find"),
            key="overview.find",
            type="search",
            live="300ms",
            placeholder=_("a name, an audience, a connection"),
            label_visibility="collapsed",
            width=280,
        )
        view = st.pills(
            _("Which"),
            [view for view in View if numbers[view]],
            default=View.ALL,
            format_func=lambda view: f"{standings.view_label(view)} {numbers[view]}",
            key="overview.view",
            required=True,
            label_visibility="collapsed",
        )
    return [one for one in listed if views.fits(one, view) and views.speaks_of(one, text or "")]


def draw(office: Office, listed: Sequence[Standing]) -> list[Standing]:
    """Draw the table and return the exports ticked in it, in the table's order."""
    wanted = session.choice().export_id
    ids = [one.export.id for one in listed]
    event = st.dataframe(
        _rows(office, listed),
        # Rows are ticked by their place: another list must not inherit the ticks.
        key=f"overview.table.{crc32(''.join(ids).encode())}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(wanted)] if wanted in ids else []}},
        column_config=_columns(office),
        hide_index=True,
        height="content" if len(listed) <= _LONG else 530,
        placeholder="–",
        alt=_("All exports"),
    )
    return [listed[row] for row in sorted(event["selection"]["rows"]) if row < len(listed)]


def _rows(office: Office, listed: Sequence[Standing]) -> pl.DataFrame:
    names = {one.id: one.name for one in segments.all(office.store, office.who)}
    counted = counts.newest(office.store, office.who)
    moment = pl.Datetime("ms", "UTC")
    return pl.DataFrame(
        {
            "name": [one.export.name for one in listed],
            "status": [standings.status(one) for one in listed],
            "last": [one.last_run.requested_at if one.last_run else None for one in listed],
            "next": [one.next_run for one in listed],
            "held": [standings.held_up(one) for one in listed],
            "schedule": [recurrence.schedule(one.export.schedule, "") for one in listed],
            "outcome": [standings.outcome(one) for one in listed],
            "audience": [one.export.audience_name or one.export.audience_id for one in listed],
            "segments": [[names.get(ref, "") for ref in one.export.segment_ids] for one in listed],
            "members": [members(one, counted) for one in listed],
            "connection": [one.export.connection_name or None for one in listed],
            "permission": [standings.permission(one) for one in listed],
        },
        schema_overrides={
            "last": moment,
            "next": moment,
            "segments": pl.List(pl.String),
            "members": pl.Int64,
            "connection": pl.String,
        },
    )


def members(standing: Standing, counted: Mapping[str, Count]) -> int | None:
    """Say how many profiles an export holds, without asking the warehouse.

    Of one segment that is its newest count; of several, how many the last run looked at.
    """
    refs = standing.export.segment_ids
    if len(refs) == 1:
        return counted[refs[0]].count if refs[0] in counted else None
    return sum(standing.last_run.outcomes.values()) or None if standing.last_run else None


def _columns(office: Office) -> dict[str, Any]:
    config, zone = st.column_config, office.settings.time_zone
    clock = f"{language.spoken().picked_day} HH:mm"
    by = _("By the clock of {zone}.").format(zone=zone)
    return {
        "name": config.TextColumn(_("Export"), pinned=True, width="medium"),
        "status": config.TextColumn(_("Status"), help=_("The state of its own last run.")),
        "last": config.DatetimeColumn(_("Last run"), format=clock, timezone=zone, help=by),
        "next": config.DatetimeColumn(_("Next run"), format=clock, timezone=zone, help=by),
        "held": config.TextColumn(
            _("Held up by"), width=140, help=_("Why it does not run by itself.")
        ),
        "schedule": config.TextColumn(_("Schedule")),
        "outcome": config.TextColumn(_("Outcome")),
        "audience": config.TextColumn(_("Audience")),
        "segments": config.ListColumn(_("Segments")),
        "members": config.NumberColumn(
            _("Members"),
            format="localized",
            help=_("As last counted; over several segments, as of the last run."),
        ),
        "connection": config.TextColumn(_("Connection")),
        "permission": config.TextColumn(_("You may")),
    }
