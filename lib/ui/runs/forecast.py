"""The forecast: what a plan would do, as a sentence, a bar, and numbers to look behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import polars as pl
import streamlit as st

from lib.store.plans import Plan
from lib.ui import canvas, words
from lib.ui.runs import fates
from lib.ui.text import _, plural

CALL_S = 0.9
"""What a call of 500 members takes until it has been seen here, in seconds (observed)."""
CONNECTIONS = 10
"""Most calls at a time (Marketing API documentation, "Throttling")."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The counts of a plan, as the page uses them."""

    contacts: int
    fates: Mapping[str, int]
    reasons: Mapping[str, int]
    over_limit: int
    calls: int

    @property
    def sending(self) -> int:
        """Contacts that the push would write to Mailchimp."""
        return self.fates.get("added", 0) + self.fates.get("updated", 0) + self.fates.get("left", 0)


def of(plan: Plan) -> Forecast:
    """Read the counts of a plan that is ready."""
    counts = plan.counts
    return Forecast(
        int(counts.get("contacts", 0)),
        counts.get("fates", {}),
        counts.get("reasons", {}),
        int(counts.get("over_limit", 0)),
        int(counts.get("calls", 0)),
    )


def seconds(forecast: Forecast, rate: float = 0.0) -> float:
    """Say how long the push will take.

    Args:
        forecast: of the plan.
        rate: contacts per second as last seen on this export; 0 when there was no run yet.
    """
    if rate > 0:
        return forecast.sending / rate
    return -(-forecast.calls // CONNECTIONS) * CALL_S


def headline(forecast: Forecast, rate: float = 0.0) -> str:
    """Say in one or two sentences what would happen."""
    if not forecast.contacts:
        return _("The segments hold nobody, so there is nothing to send.")
    if not forecast.sending:
        return _(
            "**Nothing to send.** All {contacts} profiles are left alone, suppressed or invalid."
        ).format(contacts=words.number(forecast.contacts))
    calls = plural("{count} call", "{count} calls", forecast.calls)
    return _(
        "**{sending} contacts will be sent** out of {contacts} profiles, in {calls}, about {time}."
    ).format(
        sending=words.number(forecast.sending),
        contacts=words.number(forecast.contacts),
        calls=calls,
        time=_roughly(seconds(forecast, rate)),
    )


def _roughly(length_s: float) -> str:
    """Say a length of time no more precisely than it is known."""
    if length_s < 100:
        return plural("{count} second", "{count} seconds", max(1, round(length_s)))
    return words.duration(length_s)


def draw_bar(counts: Mapping[str, int], *, names: Sequence[fates.Fate]) -> None:
    """Draw the shares of fates or outcomes as one bar."""
    shown = [fate for fate in names if counts.get(fate.name)]
    if not shown:
        return
    frame = pl.DataFrame(
        {
            "fate": [fate.label for fate in shown],
            "contacts": [counts[fate.name] for fate in shown],
            "order": list(range(len(shown))),
        }
    )
    domain, shades = [fate.label for fate in shown], [fate.shade for fate in shown]
    colour = alt.Scale(domain=domain, range=shades)
    chart = (
        alt.Chart(frame)
        .mark_bar(height=26, cornerRadius=2)
        .encode(
            x=alt.X("contacts:Q", stack="normalize", axis=None),
            # The numbers underneath have the same colours and are the legend.
            color=alt.Color("fate:N", scale=colour, legend=None),
            order="order:O",
            tooltip=[
                alt.Tooltip("fate:N", title=" "),
                alt.Tooltip("contacts:Q", title=_("Contacts"), format=","),
            ],
        )
        .properties(height=40)
    )
    told = ", ".join(f"{fate.label}: {words.number(counts[fate.name])}" for fate in shown)
    canvas.show(chart, alt=told)


def choose(counts: Mapping[str, int], *, names: Sequence[fates.Fate], key: str) -> str:
    """Draw the numbers to look behind, and return which was pressed; at first the largest news."""
    shown = [fate for fate in names if counts.get(fate.name)]
    labels = {
        fate.name: f":{fate.color}[:material/{fate.icon}:] **{words.number(counts[fate.name])}** "
        + fate.label
        for fate in shown
    }
    if not shown:
        return ""
    first = next((fate.name for fate in shown), None)
    chosen = st.pills(
        _("Contacts"),
        list(labels),
        default=first,
        format_func=labels.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen or first or "")
