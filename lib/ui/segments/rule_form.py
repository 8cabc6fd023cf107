"""The rule form: groups of conditions as widgets, read back as rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.segments.rules import Condition, Group, Related, Rule
from lib.ui.markdown import literal
from lib.ui.segments import rule_tree, rule_values
from lib.ui.segments.subjects import Subject, of_table
from lib.ui.text import _, said
from lib.warehouse import Table

_DEEPEST = 2


def draw(subjects: Sequence[Subject], tables: Sequence[Table], profiles: str) -> Group:
    """Draw the form and return the rules; rows that are not complete are left out."""
    known = {subject.key: subject for subject in subjects}
    return _draw_group(rule_tree.ROOT, _Scope(known, tables, profiles), 0)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the conditions of a group can be about."""

    known: Mapping[str, Subject]
    tables: Sequence[Table]
    table: str
    """Where the columns without a table of their own are."""


_WIDTHS = (3.8, 2.4, 3.0, 0.6)


def _draw_group(node: str, scope: _Scope, depth: int, parent: str = "") -> Group:
    with st.container(border=True, key=f"builder.{node}.box"):
        match, negate = _draw_match(node, parent)
        rules: list[Rule] = []
        for child in list(rule_tree.children(node)):
            if rule_tree.is_group(child):
                inner = _draw_group(child, scope, depth + 1, node)
                rules += [inner] if inner.rules else []
            else:
                row = _draw_row(node, child, scope)
                rules += [row] if row else []
        _draw_add(node, depth)
    return Group("any" if match == "any" else "all", tuple(rules), negate)


def _draw_match(node: str, parent: str) -> tuple[str, bool]:
    labels = {"all": _("All of these"), "any": _("Any of these")}
    with st.container(horizontal=True, vertical_alignment="center"):
        match = st.segmented_control(
            _("Match"),
            list(labels),
            format_func=labels.__getitem__,
            key=f"builder.{node}.match",
            required=True,
            persist_state="session",
            label_visibility="collapsed",
            default=None if f"builder.{node}.match" in st.session_state else "all",
        )
        negate = st.toggle(
            _("Exclude what matches"),
            key=f"builder.{node}.not",
            persist_state="session",
            help=_("Everybody for whom this does not hold."),
        )
        if parent:
            st.space("stretch")
            _draw_remove(parent, node, _("Remove this group"))
    return str(match or "all"), negate


def _draw_add(node: str, depth: int) -> None:
    with st.container(horizontal=True):
        st.button(
            _("Condition"),
            key=f"builder.{node}.add",
            icon=":material/add:",
            on_click=rule_tree.add_row,
            args=(node,),
        )
        if depth < _DEEPEST:
            st.button(
                _("Group"),
                key=f"builder.{node}.group",
                icon=":material/account_tree:",
                type="tertiary",
                on_click=rule_tree.add_group,
                args=(node,),
            )


def _draw_remove(group: str, node: str, what: str) -> None:
    st.button(
        "",
        help=what,
        key=f"builder.{node}.remove",
        icon=":material/close:",
        type="tertiary",
        on_click=rule_tree.remove,
        args=(group, node),
    )


def _draw_row(group: str, row: str, scope: _Scope) -> Condition | Related | None:
    what, how, which, away = st.columns(_WIDTHS, vertical_alignment="bottom")
    labels = {key: subject.label for key, subject in scope.known.items()}
    key = what.selectbox(
        _("What"),
        list(labels),
        index=None,
        required=True,
        format_func=labels.__getitem__,
        key=f"builder.{row}.subject",
        persist_state="session",
        placeholder=_("Choose a column"),
        label_visibility="collapsed",
    )
    with away:
        _draw_remove(group, row, _("Remove this condition"))
    subject = scope.known.get(key or "")
    if subject is None:
        return None
    with how:
        operator = _draw_operator(row, subject)
    with which:
        values = (
            rule_values.draw(row, subject, operator, subject.table or scope.table)
            if operator
            else ()
        )
    narrowed = _draw_narrowing(row, subject, scope.tables)
    if values is None:
        return None
    if subject.measure is None:
        return Condition(subject.table, subject.column, operator, values)
    return Related(subject.table, subject.measure, subject.column, operator, values, narrowed)


def _draw_operator(row: str, subject: Subject) -> str:
    labels = {operator.name: said(operator.label) for operator in subject.operators}
    if not labels:
        return ""
    chosen = st.selectbox(
        _("How"),
        list(labels),
        format_func=labels.__getitem__,
        key=f"builder.{row}.operator.{subject.key}",
        persist_state="session",
        label_visibility="collapsed",
    )
    return str(chosen or "")


def _draw_narrowing(row: str, subject: Subject, tables: Sequence[Table]) -> Group | None:
    """Draw which related rows count; None when all do."""
    if subject.measure is None:
        return None
    inner = rule_tree.where(row)
    if not inner:
        st.button(
            _("only some {table} …").format(table=subject.table),
            key=f"builder.{row}.narrow",
            icon=":material/filter_alt:",
            type="tertiary",
            on_click=rule_tree.narrow,
            args=(row,),
        )
        return None
    st.caption(_("Only {table} where").format(table=literal(subject.table)))
    own = {one.key: one for one in of_table(tables, subject.table)}
    found = _draw_group(inner, _Scope(own, tables, subject.table), _DEEPEST)
    st.button(
        _("Count all {table}").format(table=subject.table),
        key=f"builder.{row}.widen",
        icon=":material/filter_alt_off:",
        type="tertiary",
        on_click=rule_tree.widen,
        args=(row,),
    )
    return found if found.rules else None
