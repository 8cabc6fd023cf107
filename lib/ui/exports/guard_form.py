"""The guard rails of an export: four numbers, each with what it is for."""

from collections.abc import Callable

import streamlit as st

from lib.store.guard import Guard
from lib.ui import words
from lib.ui.text import _


def draw(prefix: str, held: Guard) -> Guard:
    """Draw the rails as they are held, and return them as the person wants them."""
    left, right = st.columns(2, gap="medium")
    with left:
        added = _pick(
            _("Most contacts added"),
            held.most_added,
            f"{prefix}.rail.added",
            _("Stops when a segment suddenly grows, as after a mistake in its SQL."),
        )
        rejected = _pick_percent(
            _("Most rejected, in per cent"),
            held.most_rejected_percent,
            f"{prefix}.rail.rejected",
            _("Stops when so many addresses are invalid or refused, before and while it runs."),
            100.0,
        )
    with right:
        removed = _pick(
            _("Most contacts that left"),
            held.most_removed,
            f"{prefix}.rail.removed",
            _("Stops when a segment suddenly shrinks, before tags or members are taken away."),
        )
        deviation = _pick_percent(
            _("Most deviation from the last run, in per cent"),
            held.most_deviation_percent,
            f"{prefix}.rail.deviation",
            _("Stops when there are so many more or fewer contacts than last time."),
            1000.0,
        )
    return Guard(added, removed, rejected, deviation)


def _pick(label: str, held: int | None, key: str, why: str) -> int | None:
    found = st.number_input(
        label,
        value=held,
        min_value=0,
        step=100,
        key=key,
        persist_state="session",
        placeholder=_("no limit"),
    )
    st.caption(why)
    return None if found is None else int(found)


def _pick_percent(label: str, held: float | None, key: str, why: str, most: float) -> float | None:
    found = st.number_input(
        label,
        value=held,
        min_value=0.0,
        max_value=most,
        step=5.0,
        format="%g",
        key=key,
        persist_state="session",
        placeholder=_("no limit"),
    )
    st.caption(why)
    return None if found is None else float(found)


def lines(rails: Guard) -> list[str]:
    """Say the rails in sentences; none of them is no limit."""
    told: list[tuple[float | None, str, Callable[[float], str]]] = [
        (rails.most_added, _("At most {limit} contacts are added."), words.number),
        (rails.most_removed, _("At most {limit} contacts are treated as left."), words.number),
        (rails.most_rejected_percent, _("At most {limit} % are rejected."), words.number),
        (
            rails.most_deviation_percent,
            _("At most {limit} % more or fewer contacts than in the last run."),
            words.number,
        ),
    ]
    found = [text.format(limit=say(limit)) for limit, text, say in told if limit is not None]
    return found or [_("There is no guard rail: whatever the segments hold is sent.")]
