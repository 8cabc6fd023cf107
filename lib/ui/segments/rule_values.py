"""The values of a condition: a widget that fits the kind of the column and the operator."""

import re
from datetime import date

import streamlit as st

from lib.errors import MusterError
from lib.segments.literals import Value
from lib.segments.operators import Operator
from lib.segments.schema import Kind
from lib.sql import Sql, ident
from lib.ui import language
from lib.ui.segments import glimpse
from lib.ui.segments.rule_tree import value_key
from lib.ui.segments.subjects import Subject
from lib.ui.text import _

_OFFERED = 60
"""How many of a column's most frequent values are offered."""
_CHOSEN = ("is", "is_not")


def draw(row: str, subject: Subject, name: str, table: str) -> tuple[Value, ...] | None:
    """Draw the values; None while one is missing.

    Args:
        row: the row's id.
        subject: what the condition is about.
        name: the operator's.
        table: where the values of the column are.
    """
    operator = next(one for one in subject.operators if one.name == name)
    kind = operator.takes or subject.kind
    if operator.arity == 0:
        return ()
    if operator.arity < 0:
        return _draw_list(row, subject, operator, table)
    places = st.columns(operator.arity)
    values = []
    for place, slot in enumerate(places):
        with slot:
            key = value_key(row, subject.kind, name, place)
            values.append(_draw_one(key, kind, subject, name, table))
    return (
        None
        if any(value is None for value in values)
        else tuple(v for v in values if v is not None)
    )


def _draw_one(key: str, kind: Kind, subject: Subject, name: str, table: str) -> Value | None:
    if kind is Kind.NUMBER:
        days = subject.kind is Kind.DATE
        return _draw_number(key, _("days") if days else _("number"))
    if kind is Kind.DATE:
        day = st.date_input(
            _("Date"),
            value=None,
            min_value=date.min,
            max_value=date.max,
            key=key,
            persist_state="session",
            label_visibility="collapsed",
            format=language.spoken().picked_day,
        )
        return day.isoformat() if isinstance(day, date) else None
    if name in _CHOSEN and (offered := _frequent(table, subject.column)):
        held = st.session_state.get(key)
        chosen = st.selectbox(
            _("Value"),
            offered if held is None or held in offered else [held, *offered],
            index=None,
            required=True,
            key=key,
            accept_new_options=True,
            persist_state="session",
            placeholder=_("choose or type"),
            label_visibility="collapsed",
        )
        return str(chosen) if chosen else None
    text = st.text_input(
        _("Value"),
        key=key,
        persist_state="session",
        placeholder=_("text"),
        label_visibility="collapsed",
    )
    return text or None


def _draw_number(key: str, placeholder: str) -> Value | None:
    if isinstance(st.session_state.get(key), str):
        return _draw_long_number(key, placeholder)
    number = st.number_input(
        _("Number"),
        value=None,
        key=key,
        persist_state="session",
        placeholder=placeholder,
        label_visibility="collapsed",
        format="%g",
        step=1.0,
    )
    if number is None:
        return None
    return int(number) if float(number).is_integer() else float(number)


def _draw_long_number(key: str, placeholder: str) -> Value | None:
    written = st.text_input(
        _("Number"),
        key=key,
        persist_state="session",
        placeholder=placeholder,
        label_visibility="collapsed",
    ).strip()
    return int(written) if re.fullmatch(r"-?[0-9]{1,30}", written) else written or None


def _draw_list(
    row: str, subject: Subject, operator: Operator, table: str
) -> tuple[Value, ...] | None:
    key = value_key(row, subject.kind, operator.name, 0)
    held = [str(value) for value in st.session_state.get(key) or []]
    offered = list(dict.fromkeys([*held, *_frequent(table, subject.column)]))
    chosen = st.multiselect(
        _("Values"),
        offered,
        key=key,
        accept_new_options=True,
        persist_state="session",
        placeholder=_("choose or type"),
        label_visibility="collapsed",
    )
    return tuple(str(value) for value in chosen) or None


def _frequent(table: str, column: str) -> list[str]:
    """Return the most frequent values of a column; none when that cannot be said quickly."""
    query = Sql(
        f"select cast({ident(column)} as varchar) as value, count(*) as n from {ident(table)} "  # noqa: S608 - quoted
        f"where {ident(column)} is not null group by 1 order by 2 desc, 1"
    )
    try:
        found = glimpse.rows(query, _OFFERED)
    except MusterError:
        return []
    return [str(value) for value in found.column("value").to_pylist()]
