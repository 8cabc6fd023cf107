"""Choosing when something recurs: the usual ways by picking, any other as cron, with its dates."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import streamlit as st

from lib import cron
from lib.config import Office
from lib.errors import InputError
from lib.store.exports import SCHEDULE_OFF
from lib.store.refresh import Refresh
from lib.ui import errors, moments
from lib.ui.exports import recurrence
from lib.ui.exports.recurrence import LAST, Often, Picked
from lib.ui.text import _

BY_HAND = SCHEDULE_OFF
"""The schedule of an export that never runs by itself."""
SHOWN = 5
"""Dates shown of what comes next."""


def draw(office: Office, prefix: str, held: str, refresh: Refresh) -> str | None:
    """Draw when an export runs by itself; return the schedule, None while it cannot be kept.

    Args:
        office: where, and who.
        prefix: of the widgets' keys.
        held: the schedule as it is kept: empty follows the refresh, ``off`` is by hand.
        refresh: what can be followed.
    """
    way = st.segmented_control(
        _("When"),
        ["follow", "own", BY_HAND],
        default="own" if held and held != BY_HAND else held or "follow",
        format_func=_way,
        key=f"{prefix}.when",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    if way == BY_HAND:
        st.caption(_("It runs when somebody approves a plan of it, and never by itself."))
        return BY_HAND
    if way == "own":
        return draw_cron(office, prefix, "" if held == BY_HAND else held)
    if refresh.cron:
        st.caption(recurrence.schedule("", refresh.cron).capitalize() + ".")
        draw_dates(office, refresh.cron)
    else:
        st.caption(
            _(
                "There is no refresh yet: until an administrator sets one on the System page, the "
                "export runs by hand only."
            )
        )
    return ""


def draw_cron(office: Office, prefix: str, held: str) -> str | None:
    """Draw the picker of a recurrence with its next dates; return cron, None while it is none.

    Args:
        office: whose time zone the clock is of.
        prefix: of the widgets' keys.
        held: cron as it is kept; empty begins with a suggestion.
    """
    expression = recurrence.written(_pick(prefix, recurrence.picked(held)))
    if not expression:
        st.caption(_(":orange[Choose at least one day.]"))
        return None
    try:
        wanted = _checked(expression)
    except InputError as error:
        errors.show(error)
        return None
    draw_dates(office, wanted)
    return wanted


@lru_cache(maxsize=256)
def _checked(expression: str) -> str:
    # The check looks at hundreds of occurrences; a page asks for the same one at each click.
    return cron.check(expression)


def draw_dates(office: Office, expression: str) -> None:
    """Say when it comes next."""
    zone, now = office.settings.time_zone, datetime.now(UTC)
    dates = [moments.said(at, zone) for at in cron.upcoming(expression, zone, now, SHOWN)]
    listed = " · ".join(dates) if dates else _("never")
    st.caption(
        _(":material/event: Next: {dates}").format(dates=listed),
        help=_("By the clock of {zone}. When clocks change, every time comes once.").format(
            zone=zone
        ),
    )


def _way(way: str) -> str:
    return {
        "follow": _("With the refresh"),
        "own": _("On its own schedule"),
        BY_HAND: _("By hand"),
    }[way]


def _pick(prefix: str, held: Picked) -> Picked:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        often = st.selectbox(
            _("How often"),
            list(Often),
            index=list(Often).index(held.often),
            format_func=_often,
            key=f"{prefix}.often",
            persist_state="session",
            width=220,
        )
        often = often or held.often
        if often is Often.EXPERT:
            return _pick_expression(prefix, held)
        if often is Often.WEEKLY:
            held = _pick_weekdays(prefix, held)
        elif often is Often.MONTHLY:
            held = _pick_days(prefix, held)
        at = st.time_input(
            _("At"), value=held.at, key=f"{prefix}.at", persist_state="session", width=120
        )
    return replace(held, often=often, at=at or held.at)


def _pick_weekdays(prefix: str, held: Picked) -> Picked:
    chosen = st.pills(
        _("On"),
        list(range(1, 8)),
        selection_mode="multi",
        default=list(held.weekdays),
        format_func=lambda day: recurrence.weekday(day, short=True),
        key=f"{prefix}.weekdays",
        persist_state="session",
    )
    return replace(held, weekdays=tuple(chosen))


def _pick_days(prefix: str, held: Picked) -> Picked:
    chosen = st.multiselect(
        _("On"),
        list(range(1, LAST + 1)),
        default=list(held.days),
        format_func=recurrence.day_of_month,
        key=f"{prefix}.days",
        persist_state="session",
        help=_("A month without that day is left out; the last day comes every month."),
        width=280,
    )
    return replace(held, days=tuple(chosen))


def _pick_expression(prefix: str, held: Picked) -> Picked:
    written = st.text_input(
        _("Cron expression"),
        value=held.expression or recurrence.written(held),
        key=f"{prefix}.cron",
        persist_state="session",
        help=_(
            "Minute, hour, day of the month, month, weekday: **0 7 * * 1-5** is every working day "
            "at 07:00, **0 6,18 * * *** twice a day."
        ),
        width=280,
    )
    return replace(held, often=Often.EXPERT, expression=written or "")


def _often(often: Often) -> str:
    return {
        Often.DAILY: _("Every day"),
        Often.WORKING: _("Every working day"),
        Often.WEEKLY: _("On days of the week"),
        Often.MONTHLY: _("On days of the month"),
        Often.EXPERT: _("Cron expression"),
    }[often]
