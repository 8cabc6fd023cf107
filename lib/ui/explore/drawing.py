"""Charts in Altair; colours and fonts come from the theme."""

from collections.abc import Sequence
from typing import Literal

import altair as alt
import polars as pl

from lib.ui.explore.charts import Chart, Kind
from lib.ui.text import _

_MOST_BARS = 30
_MOST_LEVEL = 10
"""More labels than this do not fit side by side."""
Place = Literal["quantitative", "temporal", "nominal"]


def draw(chart: Chart, rows: pl.DataFrame) -> alt.Chart:
    """Draw a chart of these rows; rows that share a place are added up."""
    plain = _plain(rows, chart)
    match chart.kind:
        case Kind.HISTOGRAM:
            return _histogram(chart, plain)
        case Kind.BARS:
            return _bars(chart, plain)
        case Kind.LINE:
            return _marks(chart, plain, alt.Chart(plain).mark_line(point=plain.height <= 60))
        case Kind.POINTS:
            return _marks(chart, plain, alt.Chart(plain).mark_circle(size=42, opacity=0.6))


def bins(counted: pl.DataFrame) -> alt.Chart:
    """Draw counted bins: columns ``low``, ``high`` (numbers or moments) and ``rows``."""
    place: Place = "temporal" if counted["low"].dtype.is_temporal() else "quantitative"
    form = alt.Undefined if place == "temporal" else ",.4~f"
    chart: alt.Chart = (
        alt.Chart(counted)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("low", type=place, bin="binned", title=None),
            x2="high",
            y=alt.Y("rows:Q", title=None, axis=alt.Axis(format="~s", tickCount=4)),
            tooltip=[
                alt.Tooltip("low", type=place, title=_("from"), format=form),
                alt.Tooltip("high", type=place, title=_("to"), format=form),
                alt.Tooltip("rows:Q", title=_("rows"), format=","),
            ],
        )
    )
    return chart


def shares(values: Sequence[tuple[str, int]]) -> alt.Chart:
    """Draw counted values as lying bars, in the order given."""
    top = pl.DataFrame(values, schema={"value": pl.String, "rows": pl.Int64}, orient="row")
    chart: alt.Chart = (
        alt.Chart(top)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y("value:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
            x=alt.X("rows:Q", title=None, axis=alt.Axis(format="~s", tickCount=4)),
            tooltip=[
                alt.Tooltip("value:N", title=_("value")),
                alt.Tooltip("rows:Q", title=_("rows"), format=","),
            ],
        )
        .properties(height=alt.Step(24))
    )
    return chart


def _histogram(chart: Chart, rows: pl.DataFrame) -> alt.Chart:
    across = alt.X(_field(chart.x), type="quantitative", bin=alt.Bin(maxbins=40), title=chart.x)
    drawn: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(binSpacing=1)
        .encode(
            x=across,
            y=alt.Y("count()", title=_("rows")),
            tooltip=[alt.Tooltip("count()", title=_("rows"), format=",")],
        )
    )
    return drawn


def _bars(chart: Chart, rows: pl.DataFrame) -> alt.Chart:
    kept = rows if _place(rows, chart.x) == "temporal" else _most(rows, chart)
    return _marks(chart, kept, alt.Chart(kept).mark_bar(cornerRadiusEnd=2))


def _marks(chart: Chart, rows: pl.DataFrame, mark: alt.Chart) -> alt.Chart:
    place = _place(rows, chart.x)
    if chart.kind is Kind.BARS and place == "quantitative":
        place = "nominal"
    crowded = place == "nominal" and rows[chart.x].n_unique() > _MOST_LEVEL
    axis = alt.Axis(labelLimit=140, labelAngle=-45 if crowded else 0)
    across = alt.X(_field(chart.x), type=place, sort=None, title=chart.x, axis=axis)
    drawn: alt.Chart = mark.encode(x=across, y=_height(chart), tooltip=_tips(rows))
    if chart.colour:
        colour = alt.Color(_field(chart.colour), type="nominal", title=chart.colour)
        drawn = drawn.encode(color=colour)
    return drawn


def _most(rows: pl.DataFrame, chart: Chart) -> pl.DataFrame:
    """Keep the places with the highest bars, in the order in which they came."""
    height = pl.col(chart.y).sum() if chart.y else pl.len()
    places = (
        rows.group_by(chart.x)
        .agg(height.alias("the height"))
        .sort("the height", descending=True, nulls_last=True)
    )
    return rows.join(
        places.head(_MOST_BARS).select(chart.x), on=chart.x, how="semi", nulls_equal=True
    )


def _plain(rows: pl.DataFrame, chart: Chart) -> pl.DataFrame:
    """Keep what is drawn, in types that every browser reads."""
    names = [name for name in dict.fromkeys((chart.x, chart.y, chart.colour)) if name]
    return rows.select(_readable(name, rows[name].dtype) for name in names)


def _readable(name: str, kind: pl.DataType) -> pl.Expr:
    if kind.is_decimal():
        return pl.col(name).cast(pl.Float64)
    if kind.is_numeric() or kind.is_temporal():
        return pl.col(name)
    return pl.col(name).cast(pl.String).fill_null("—")


def _height(chart: Chart) -> alt.Y:
    if not chart.y:
        return alt.Y("count()", title=_("rows"))
    if chart.kind is Kind.POINTS:
        return alt.Y(_field(chart.y), type="quantitative", title=chart.y)
    return alt.Y(_field(chart.y), type="quantitative", title=chart.y, aggregate="sum")


def _tips(rows: pl.DataFrame) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(
            _field(name),
            type=_place(rows, name),
            title=name,
            format=",.6~f" if _place(rows, name) == "quantitative" else alt.Undefined,
        )
        for name in rows.columns
    ]


def _place(rows: pl.DataFrame, name: str) -> Place:
    kind = rows[name].dtype
    if kind.is_temporal():
        return "temporal"
    return "quantitative" if kind.is_numeric() else "nominal"


def _field(name: str) -> str:
    """Escape what Vega would read as a path or as the type of the field."""
    escaped = name.replace("\\", "\\\\")
    for mark in ".[]:'\"":
        escaped = escaped.replace(mark, "\\" + mark)
    return escaped
