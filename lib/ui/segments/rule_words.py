"""Rules of a segment in words, in the person's language."""

from lib.segments.operators import OPERATORS
from lib.segments.rules import Condition, Group, Related, Rule
from lib.ui.text import _, said

_LABELS = {one.name: one.label for operators in OPERATORS.values() for one in operators}


def describe(rule: Rule) -> str:
    """Return a rule in words."""
    if isinstance(rule, Group):
        return _group(rule)
    if isinstance(rule, Condition):
        where = f"{rule.table}.{rule.column}" if rule.table else rule.column
        return f"{where} {_compared(rule)}".rstrip()
    return _related(rule)


def _group(group: Group) -> str:
    word = _("and") if group.match == "all" else _("or")
    words = f" {word} ".join(_inner(rule) for rule in group.rules) or _("everybody")
    return _("not ({words})").format(words=words) if group.negate else words


def _inner(rule: Rule) -> str:
    words = describe(rule)
    grouped = isinstance(rule, Group) and len(rule.rules) > 1 and not rule.negate
    return f"({words})" if grouped else words


def _related(rule: Related) -> str:
    what = {
        "exists": _("has {table}"),
        "count": _("count of {table}"),
        "sum": _("total of {column} in {table}"),
        "avg": _("average {column} in {table}"),
        "min": _("lowest {column} in {table}"),
        "max": _("highest {column} in {table}"),
    }[rule.measure].format(table=rule.table, column=rule.column)
    if rule.where and rule.where.rules:
        what = _("{what} where {words}").format(what=what, words=describe(rule.where))
    return what if rule.measure == "exists" else f"{what} {_compared(rule)}".rstrip()


def _compared(rule: Condition | Related) -> str:
    label = said(_LABELS.get(rule.operator, rule.operator))
    between = f" {_('and')} " if rule.operator == "between" else ", "
    return f"{label} {between.join(str(value) for value in rule.values)}"
