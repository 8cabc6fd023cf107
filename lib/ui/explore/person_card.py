"""One customer on the page: all that the warehouse knows about them."""

from collections.abc import Mapping

import polars as pl
import pyarrow as pa
import streamlit as st

from lib.ui import words
from lib.ui.explore import facts
from lib.ui.markdown import literal
from lib.ui.text import _
from lib.warehouse import ProfileTable, Warehouse

_SHOWN = 200


def found(people: pa.Table, *, key: str) -> Mapping[str, object] | None:
    """Draw who was found, and return the one that is chosen, if any."""
    state = st.dataframe(
        people,
        key=key,
        hide_index=True,
        height=min(260, 35 * (people.num_rows + 1) + 3),
        on_select="rerun",
        selection_mode="single-row",
        alt=_("People found"),
    )
    rows = [0] if people.num_rows == 1 else state["selection"]["rows"]
    if not rows or rows[0] >= people.num_rows:
        return None
    chosen: Mapping[str, object] = people.slice(rows[0], 1).to_pylist()[0]
    return chosen


def card(warehouse: Warehouse, profiles: ProfileTable, person: Mapping[str, object]) -> None:
    """Draw a person's values, and their rows in other tables."""
    others = [
        table.name
        for table in warehouse.tables()
        if table.name != profiles.name and profiles.key in {field.name for field in table.columns}
    ]
    with st.container(border=True):
        know, *rest = st.tabs(
            [_("Profile"), *map(literal, others)], key="profiles.person", on_change="rerun"
        )
        with know:
            _draw_values(person)
        for name, tab in zip(others, rest, strict=True):
            if tab.open:
                with tab:
                    _draw_related(warehouse, name, profiles.key, person[profiles.key])


def _draw_values(person: Mapping[str, object]) -> None:
    told = {name: value for name, value in person.items() if value is not None and value != ""}
    for column, part in zip(st.columns(3), _thirds(list(told.items())), strict=True):
        with column:
            for name, value in part:
                with st.container(gap=None):
                    st.caption(literal(name))
                    st.text(str(value))
    missing = [name for name in person if name not in told]
    if missing:
        st.caption(_("Without a value: {names}").format(names=literal(", ".join(missing))))


def _thirds(pairs: list[tuple[str, object]]) -> list[list[tuple[str, object]]]:
    size = -(-len(pairs) // 3)
    return [pairs[start * size : (start + 1) * size] for start in range(3)]


def _draw_related(warehouse: Warehouse, table: str, key: str, value: object) -> None:
    rows = facts.related(warehouse, warehouse.version(), table, key, value, _SHOWN)
    if not rows.total:
        st.caption(_("Nothing in {table}.").format(table=literal(table)))
        return
    st.caption(_("{count} in {table}").format(count=words.number(rows.total), table=literal(table)))
    st.dataframe(pl.DataFrame(rows.rows).drop(key), hide_index=True, height=300, alt=table)
