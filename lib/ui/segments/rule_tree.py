"""The tree of a rule form in the session: which groups and rows there are, by their ids.

The widgets keep what is chosen in them under keys made of these ids; the tree keeps who is whose
child. So a row can be added or taken away without touching the others.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import streamlit as st

from lib.segments.literals import Value
from lib.segments.operators import OPERATORS
from lib.segments.rules import Condition, Group, Related
from lib.segments.schema import Kind
from lib.ui.segments.subjects import Subject, subject_of

ROOT = "root"
_NODES = "builder.nodes"
_LAST = "builder.last"


def nodes() -> dict[str, dict[str, object]]:
    """Return the tree; a fresh one holds one empty row."""
    if _NODES not in st.session_state:
        load(Group("all"), {})
    tree: dict[str, dict[str, object]] = st.session_state[_NODES]
    return tree


def children(group: str) -> list[str]:
    """Return the ids of a group's children."""
    found = nodes()[group]["children"]
    assert isinstance(found, list)
    return found


def where(row: str) -> str:
    """Return the id of the group that narrows a row's related rows; empty when there is none."""
    return str(nodes()[row].get("where", ""))


def is_group(node: str) -> bool:
    """Say whether a node is a group."""
    return "children" in nodes()[node]


def add_row(group: str) -> None:
    """Add an empty row to a group; for callbacks."""
    children(group).append(_new({}))


def add_group(group: str) -> None:
    """Add a group with one empty row to a group; for callbacks."""
    inner = _new({"children": []})
    children(group).append(inner)
    add_row(inner)


def narrow(row: str) -> None:
    """Let a row count only some related rows; for callbacks."""
    inner = _new({"children": []})
    nodes()[row]["where"] = inner
    add_row(inner)


def remove(group: str, node: str) -> None:
    """Take a node out of its group; for callbacks."""
    children(group).remove(node)


def widen(row: str) -> None:
    """Let a row count all its related rows again; for callbacks."""
    nodes()[row].pop("where", None)


def load(group: Group, kinds: Mapping[str, Subject]) -> None:
    """Put rules into the form instead of what is there.

    Args:
        group: the rules.
        kinds: subjects by their key, to know of which kind the values are.
    """
    st.session_state[_NODES] = {ROOT: {"children": []}}
    _fill(ROOT, group, kinds)
    if not group.rules:
        add_row(ROOT)


def _fill(node: str, group: Group, kinds: Mapping[str, Subject]) -> None:
    st.session_state[f"builder.{node}.match"] = group.match
    st.session_state[f"builder.{node}.not"] = group.negate
    for rule in group.rules:
        if isinstance(rule, Group):
            inner = _new({"children": []})
            children(node).append(inner)
            _fill(inner, rule, kinds)
        else:
            add_row(node)
            _fill_row(children(node)[-1], rule, kinds)


def _fill_row(row: str, rule: Condition | Related, kinds: Mapping[str, Subject]) -> None:
    key = subject_of(rule)
    st.session_state[f"builder.{row}.subject"] = key
    st.session_state[f"builder.{row}.operator.{key}"] = rule.operator
    subject = kinds.get(key)
    if subject is not None:
        _fill_values(row, rule.operator, rule.values, subject.kind)
    if isinstance(rule, Related) and rule.where and rule.where.rules:
        inner = _new({"children": []})
        nodes()[row]["where"] = inner
        own = {f"|{column}|": one for column, one in _columns_of(rule.table, kinds).items()}
        _fill(inner, rule.where, own)


def _columns_of(table: str, kinds: Mapping[str, Subject]) -> dict[str, Subject]:
    return {one.column: one for one in kinds.values() if one.table == table and not one.measure}


def _fill_values(row: str, operator: str, values: tuple[Value, ...], kind: Kind) -> None:
    found = next((one for one in OPERATORS[kind] if one.name == operator), None)
    if found is None:
        return
    taken = found.takes or kind
    if found.arity < 0:
        st.session_state[value_key(row, kind, operator, 0)] = [str(value) for value in values]
        return
    for place, value in enumerate(values):
        st.session_state[value_key(row, kind, operator, place)] = _typed(value, taken)


def _typed(value: Value, kind: Kind) -> object:
    """Return a value as its widget holds it; None when it is none of the kind, and is asked for."""
    written = str(value).strip()
    try:
        if kind is Kind.NUMBER:
            # A text where a number field would lose digits, as of ids beyond 2^53.
            exact = Decimal(repr(float(value))) == Decimal(written)
            return float(value) if exact else written
        return date.fromisoformat(written[:10]) if kind is Kind.DATE else str(value)
    except (ValueError, ArithmeticError):
        return None


def value_key(row: str, kind: Kind, operator: str, place: int) -> str:
    """Name the widget of a value; each kind and operator has its own, so that types never mix."""
    return f"builder.{row}.{kind}.{operator}.{place}"


def _new(node: dict[str, object]) -> str:
    number = int(st.session_state.get(_LAST, 0)) + 1
    st.session_state[_LAST] = number
    name = f"n{number}"
    st.session_state[_NODES][name] = node
    return name
