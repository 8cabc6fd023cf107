"""A column of a table on the page: what it holds, in a line of a list or on a card of its own."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
import streamlit as st

from lib.ui import canvas, words
from lib.ui.explore import drawing
from lib.ui.markdown import literal
from lib.ui.text import _, plural
from lib.warehouse.summary import ColumnSummary, Value

_ROW = 35
_FEW = 100
_MOST_HEIGHT = 640


def listing(columns: Sequence[ColumnSummary], *, key: str) -> ColumnSummary:
    """Draw one line per column, and return the one that is chosen; a telling one at first."""
    first = _telling(columns)
    state = st.dataframe(
        pl.DataFrame([_line(column) for column in columns]),
        key=key,
        hide_index=True,
        height=min(_MOST_HEIGHT, _ROW * (len(columns) + 1) + 3),
        column_config={
            _("column"): st.column_config.TextColumn(width=115),
            _("type"): st.column_config.TextColumn(width=94),
            _("filled"): st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0, max_value=100, width=82
            ),
            _("distinct"): st.column_config.TextColumn(alignment="right", width=68),
        },
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [first]}},
        alt=_("Columns of the table"),
    )
    rows = state["selection"]["rows"]
    return columns[rows[0] if rows and rows[0] < len(columns) else first]


def card(column: ColumnSummary) -> None:
    """Draw what one column holds: its facts, and its shape."""
    with st.container(border=True):
        st.subheader(literal(column.column), anchor=False)
        st.caption(f"{column.type.lower()} · {_filled(column)}")
        st.markdown(
            "  \n".join(f":gray[{label}] {literal(value)}" for label, value in _facts(column))
        )
        _draw_shape(column)


def _telling(columns: Sequence[ColumnSummary]) -> int:
    """Return the place of the first column whose values people can take in at a glance."""
    few = (place for place, column in enumerate(columns) if 2 < column.distinct <= _FEW)
    return next(few, 0)


def _line(column: ColumnSummary) -> dict[str, object]:
    return {
        _("column"): column.column,
        _("type"): column.type.lower(),
        _("filled"): 100 - 100 * (column.nulls + column.empty) / max(1, column.rows),
        _("distinct"): _distinct(column),
        _("range"): _range(column),
    }


def _distinct(column: ColumnSummary) -> str:
    return words.number(column.distinct) if column.exact else words.estimate(column.distinct)


def _range(column: ColumnSummary) -> str:
    if column.minimum is None:
        return ""
    if column.kind == "text" and column.minimum == column.maximum:
        return plural("{count} character", "{count} characters", int(str(column.minimum)))
    least, greatest = _value(column.minimum), _value(column.maximum)
    span = least if least == greatest else f"{least} – {greatest}"
    if column.kind != "text":
        return span
    return _("{span} characters").format(span=span)


def _filled(column: ColumnSummary) -> str:
    missing = column.nulls + column.empty
    if not missing:
        return _("every row has a value")
    return _("{count} without a value ({share})").format(
        count=words.number(missing), share=words.share(missing, column.rows)
    )


def _facts(column: ColumnSummary) -> list[tuple[str, str]]:
    facts = [(_("Distinct"), _distinct(column))]
    if column.kind == "text" and column.maximum is not None:
        facts.append(
            (
                _("Longest"),
                plural("{count} character", "{count} characters", int(str(column.maximum))),
            )
        )
    elif column.minimum is not None:
        facts += [(_("Least"), _value(column.minimum)), (_("Greatest"), _value(column.maximum))]
    if column.mean is not None and column.kind == "number":
        facts.append((_("Mean"), _value(column.mean)))
    return facts


def _draw_shape(column: ColumnSummary) -> None:
    shape = _("Shape of {column}").format(column=column.column)
    if column.bars:
        counted = pl.DataFrame(
            {
                "low": [_axis(bar.low) for bar in column.bars],
                "high": [_axis(bar.high) for bar in column.bars],
                "rows": [bar.rows for bar in column.bars],
            }
        )
        canvas.show(drawing.bins(counted), height=240, alt=shape)
    elif column.top:
        top = [(value.value or _("(empty)"), value.rows) for value in column.top]
        canvas.show(drawing.shares(top), alt=shape)
        shown = sum(value.rows for value in column.top)
        if column.distinct > len(column.top):
            st.caption(
                _("The {count} most frequent values, {share} of all that are filled.").format(
                    count=len(column.top), share=words.share(shown, column.rows - column.nulls)
                )
            )
    else:
        st.caption(_("Nothing to draw."))


def _axis(value: Value) -> float | date | datetime | None:
    return value if isinstance(value, (date, datetime)) else float(str(value))


def _value(value: Value) -> str:
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, str):
        # Dates that Python cannot hold, such as infinity, come as they are written.
        return value
    return words.number(float(str(value)))
