"""The canvas of charts: numbers and dates are written as in the language of the session."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import altair
import streamlit as st
from babel.dates import get_day_names, get_month_names

from lib.ui import language
from lib.ui.language import Language


def show(chart: altair.Chart, *, alt: str, height: int | Literal["content"] = "content") -> None:
    """Show a chart.

    Args:
        chart: its formats are as in English, such as ``,`` and ``%b``; they are written as the
            language does (Vega-Lite documentation, "Config", locale).
        alt: what it shows, in the person's language.
        height: in pixels.
    """
    spoken = language.spoken()
    if spoken is not language.ENGLISH:
        chart = chart.configure(locale=_locale(spoken))
    st.altair_chart(chart, alt=alt, height=height)


@lru_cache(maxsize=8)
def _locale(of: Language) -> altair.Locale:
    return altair.Locale(
        number=altair.NumberLocale(
            decimal=of.decimal, thousands=of.thousands, grouping=[3], currency=["", ""]
        ),
        time=altair.TimeLocale(
            dateTime=f"{of.day} %H:%M:%S",
            date=of.day,
            time="%H:%M:%S",
            periods=["AM", "PM"],
            days=_days(get_day_names("wide", locale=of.code)),
            shortDays=_days(get_day_names("abbreviated", locale=of.code)),
            months=list(get_month_names("wide", locale=of.code).values()),
            shortMonths=list(get_month_names("abbreviated", locale=of.code).values()),
        ),
    )


def _days(names: Mapping[int, str]) -> list[str]:
    """Return the names from Sunday on, as Vega wants them; Babel begins with Monday."""
    return [names[(day - 1) % 7] for day in range(7)]
