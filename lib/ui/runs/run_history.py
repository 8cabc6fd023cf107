"""The runs of the past: a chart and a table, and which of them is chosen."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from lib.store.runs import Run
from lib.ui import canvas, moments, session, words
from lib.ui.runs import fates, run_words
from lib.ui.text import _, said

_TABLE = "runs.table"
_CHARTED = 25
"""Most runs in the chart."""


def draw_chart(listed: Sequence[Run], zone: str) -> None:
    """Draw what became of the contacts that the last runs sent, oldest first.

    Args:
        listed: newest first.
        zone: the organisation's time zone.
    """
    names = ("added", "updated", "rejected", "in_doubt", "not_sent")
    shown = [fates.called(name) for name in names]
    ended = [run for run in reversed(listed[:_CHARTED]) if not run.live]
    rows = [
        {
            "run": f"{moments.local(run.requested_at, zone):%m-%d %H:%M:%S}",
            "export": run.export_name,
            "outcome": fate.label,
            "contacts": run.outcomes.get(fate.name, 0),
        }
        for run in ended
        for fate in shown
    ]
    if len(ended) < 2 or not any(row["contacts"] for row in rows):
        return
    scale = alt.Scale(domain=[f.label for f in shown], range=[f.shade for f in shown])
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_bar(size=min(40, 560 // len(ended)), cornerRadius=2)
        .encode(
            x=alt.X("run:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelLimit=70)),
            y=alt.Y("contacts:Q", title=_("Contacts")),
            color=alt.Color("outcome:N", scale=scale, legend=alt.Legend(title=None)),
            tooltip=[
                alt.Tooltip("export:N", title=_("Export")),
                alt.Tooltip("run:O", title=_("When")),
                alt.Tooltip("outcome:N", title=_("Outcome")),
                alt.Tooltip("contacts:Q", title=_("Contacts"), format=","),
            ],
        )
        .properties(height=200)
    )
    canvas.show(chart, alt=_("Contacts of the last runs by outcome"))


def choose(listed: Sequence[Run], filtered: str = "") -> Run:
    """Draw the table and return the run that is chosen in it; at first the newest.

    Args:
        listed: newest first, at least one.
        filtered: what they were filtered by: another filter is another table.
    """
    wanted = session.choice().run_id
    first = next((place for place, run in enumerate(listed) if run.id == wanted), 0)
    event = st.dataframe(
        _rows(listed),
        key=f"{_TABLE}{filtered}",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first]}},
        column_config=_columns(),
        hide_index=True,
        height="content" if len(listed) <= 8 else 330,
        placeholder="",
        alt=_("Runs, newest first"),
    )
    rows = event["selection"]["rows"]
    return listed[rows[0]] if rows and rows[0] < len(listed) else listed[first]


def _rows(listed: Sequence[Run]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "when": [words.ago(run.requested_at) for run in listed],
            "export": [
                _("Undo of {name}").format(name=run.export_name)
                if run.kind == "undo"
                else run.export_name
                for run in listed
            ],
            "state": [run_words.marked(run) for run in listed],
            "trigger": [run_words.trigger(run) for run in listed],
            "took": [_took(run) for run in listed],
            **{
                name: [run.outcomes.get(name, 0) for run in listed]
                for name in ("added", "updated", "rejected", "suppressed", "invalid")
            },
            "by": [said(run.requested_by) for run in listed],
        }
    )


def _took(run: Run) -> str:
    if run.started_at is None or run.finished_at is None:
        return ""
    return words.duration((run.finished_at - run.started_at).total_seconds())


def _columns() -> dict[str, Any]:
    config = st.column_config
    counts = {
        name: config.NumberColumn(fates.called(name).label, format="localized")
        for name in ("added", "updated", "rejected", "suppressed", "invalid")
    }
    return {
        "when": config.TextColumn(_("When"), width=105),
        "export": config.TextColumn(_("Export"), width="medium"),
        "state": config.TextColumn(_("State")),
        "trigger": config.TextColumn(_("Begun"), help=_("By hand, or by a schedule.")),
        "took": config.TextColumn(_("Took"), width="small"),
        "by": config.TextColumn(_("By")),
        **counts,
    }
