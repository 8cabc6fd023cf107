"""A result on the page: rows, chart, columns, and all of it as a file."""

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from lib.runs.files import Form
from lib.sql import Sql
from lib.ui import canvas, downloads, words
from lib.ui.explore import charts, columns, drawing
from lib.ui.explore.questions import Question
from lib.ui.text import _
from lib.warehouse import Preview, Warehouse
from lib.warehouse.download import download as write

_HEIGHT = 420
_NAMING = re.compile(r"(^|_)(id|key|no|nr|number|year|code|zip|phone)$", re.IGNORECASE)


def show(question: Question, warehouse: Warehouse) -> None:
    """Draw an answered question: how many rows, and three ways to look at them."""
    preview = question.preview
    if preview is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="query.result.bar"):
        st.markdown(headline(preview, question.took_s))
        if preview.total:
            download(warehouse, question.sql, preview.total, key="query.download")
    if not preview.total:
        st.info(
            _("No rows: nothing in the warehouse fits all conditions."), icon=":material/inbox:"
        )
        return
    rows, chart, fields = st.tabs(
        [
            _(":material/table_rows: Rows"),
            _(":material/bar_chart: Chart"),
            _(":material/view_column: Columns"),
        ],
        key="query.view",
        on_change="rerun",
    )
    with rows:
        show_rows(preview, key="query.rows")
    if chart.open:
        with chart:
            show_chart(preview, key=f"query.chart.{question.id}")
    if fields.open:
        with fields:
            show_columns(preview)


def headline(preview: Preview, took_s: float) -> str:
    """Say how many rows there are, how many of them are shown, and how long it took."""
    shown, total, took = preview.rows.num_rows, preview.total, words.duration(took_s)
    if shown < total:
        text = _("**{shown} of {total} rows** shown · {took}")
    elif total == 1:
        text = _("**1 row** · {took}")
    else:
        text = _("**{total} rows** · {took}")
    return text.format(shown=words.number(shown), total=words.number(total), took=took)


def show_rows(preview: Preview, *, key: str) -> None:
    """Draw the rows that came along."""
    st.dataframe(
        preview.rows,
        key=key,
        height=min(_HEIGHT, 38 + 35 * preview.rows.num_rows),
        hide_index=True,
        column_config=grouped(preview.rows.schema),
        alt=_("Rows of the result"),
    )


def grouped(schema: pa.Schema) -> dict[str, ColumnConfig | str | None]:
    """Group the thousands of numbers, but not of those that only name something."""
    return {
        field.name: st.column_config.NumberColumn(format="localized")
        for field in schema
        if _is_amount(field.type) and not _NAMING.search(field.name)
    }


def _is_amount(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def show_columns(preview: Preview) -> None:
    """Draw what each column holds, in the rows that came along."""
    st.dataframe(
        columns.describe(pl.DataFrame(preview.rows)),
        hide_index=True,
        column_config={
            _("empty"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
        },
        alt=_("Columns of the result"),
    )
    if preview.rows.num_rows < preview.total:
        shown = words.number(preview.rows.num_rows)
        st.caption(_(":orange[Counted in the first {shown} rows.]").format(shown=shown))


def show_chart(preview: Preview, *, key: str) -> None:
    """Draw the chart that suits, with the choice of another."""
    rows = pl.DataFrame(preview.rows)
    chosen = charts.suggest(rows)
    if chosen is None:
        st.info(_("Nothing here can be drawn: a chart needs a number, a date or a category."))
        return
    shown, choose = st.columns([4, 1], gap="medium")
    with choose:
        chosen = _choose(rows, chosen, key)
    with shown:
        canvas.show(drawing.draw(chosen, rows), height=_HEIGHT, alt=_("Chart of the result"))
        if preview.rows.num_rows < preview.total:
            st.caption(
                _(
                    ":orange[Drawn from the first {shown} of {total} rows.] Let the query group "
                    "them to draw all."
                ).format(
                    shown=words.number(preview.rows.num_rows), total=words.number(preview.total)
                )
            )


def _choose(rows: pl.DataFrame, suggested: charts.Chart, key: str) -> charts.Chart:
    names, heights = charts.drawable(rows), ["", *charts.numbers(rows)]
    kinds = list(charts.Kind)
    labels = {
        charts.Kind.BARS: _("Bars"),
        charts.Kind.LINE: _("Line"),
        charts.Kind.POINTS: _("Points"),
        charts.Kind.HISTOGRAM: _("Histogram"),
    }
    kind = st.selectbox(
        _("Kind"), kinds, kinds.index(suggested.kind), labels.__getitem__, key=f"{key}.kind"
    )
    x = st.selectbox(_("Across"), names, names.index(suggested.x), key=f"{key}.x")
    if kind is charts.Kind.HISTOGRAM:
        return charts.Chart(kind, x)
    y = st.selectbox(
        _("Height"),
        heights,
        heights.index(suggested.y),
        lambda name: name or _("number of rows"),
        key=f"{key}.y",
    )
    colours = ["", *(name for name in names if name not in {x, y})]
    place = colours.index(suggested.colour) if suggested.colour in colours else 0
    colour = st.selectbox(
        _("Colour"), colours, place, lambda name: name or _("none"), key=f"{key}.colour"
    )
    return charts.Chart(kind, x, y, colour)


def download(
    warehouse: Warehouse, sql: str, total: int, *, key: str, name: str = "muster-query"
) -> None:
    """Offer all rows as a file."""
    text = _("All {total} rows, not only those shown.").format(total=words.number(total))
    make = partial(_written, warehouse, sql)
    downloads.menu(text, make, name=name, key=key, cancel=warehouse.cancel)


def _written(warehouse: Warehouse, sql: str, form: Form, tag: str) -> bytes:
    with TemporaryDirectory(prefix="muster-") as directory:
        path = Path(directory) / f"rows.{form}"
        write(warehouse, Sql(sql), path, form, tag=tag)
        return path.read_bytes()
