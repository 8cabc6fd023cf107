# ruff: noqa: S608 - names and literals are quoted
"""Rules to SQL. Every part is true or false, never unknown, so NOT is the exact opposite."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.errors import RuleError
from lib.segments.literals import Value, days, literal, pattern
from lib.segments.members import ProfileTable
from lib.segments.operators import ANY_NUMBER, OPERATORS, Operator
from lib.segments.rules import Condition, Group, Related, Rule
from lib.segments.schema import Column, Kind, Table, find_column, find_table, kind_of
from lib.sql import Sql, ident
from lib.sql.keys import key_text

DEEPEST = 20
_MEASURES = {"sum": "coalesce(sum({}), 0)", "avg": "avg({})", "min": "min({})", "max": "max({})"}


@dataclass(frozen=True, slots=True)
class _Scope:
    tables: Sequence[Table]
    profile: ProfileTable
    table: Table
    """The table whose rows the conditions are on."""
    alias: str
    depth: int = 0


def to_sql(group: Group, schema: Sequence[Table], profile_table: ProfileTable) -> Sql:
    """Return the profiles that meet the rules, as SQL with the values written into the text.

    Args:
        group: the rules.
        schema: the tables of the warehouse.
        profile_table: where profiles are.

    Raises:
        RuleError: a table, column or operator that does not exist, or a value of a wrong kind.
    """
    profiles = find_table(schema, profile_table.name)
    scope = _Scope(schema, profile_table, profiles, "p")
    where = condition(group, scope)
    return Sql(f"select * from {ident(profiles.name)} p\nwhere {where}")


def condition(rule: Rule, scope: _Scope) -> str:
    """Return one rule as a condition that is true or false for every row of the scope."""
    if scope.depth > DEEPEST:
        raise RuleError(f"Rules are nested more than {DEEPEST} deep; flatten them.")
    if isinstance(rule, Group):
        return _group(rule, scope)
    if isinstance(rule, Related):
        return _related(rule, scope)
    if rule.table and rule.table.casefold() != scope.table.name.casefold():
        only = Group("all", (Condition("", rule.column, rule.operator, rule.values),))
        return _related(Related(rule.table, "exists", where=only), scope)
    return _condition(rule, scope)


def _group(group: Group, scope: _Scope) -> str:
    if group.match not in ("all", "any"):
        raise RuleError(f"Rules are joined by all or any, not by {group.match}.")
    inner = _Scope(scope.tables, scope.profile, scope.table, scope.alias, scope.depth + 1)
    parts = [condition(rule, inner) for rule in group.rules] or ["true"]
    joined = (" and " if group.match == "all" else " or ").join(parts)
    if group.negate:
        return f"not ({joined})"
    return f"({joined})" if len(parts) > 1 else joined


def _condition(rule: Condition, scope: _Scope) -> str:
    column = find_column(scope.table, rule.column)
    kind = kind_of(column.type)
    name = f"{scope.alias}.{ident(column.name)}"
    operator = find_operator(kind, rule.operator, rule.column)
    return _applied(operator, _readable(name, kind, operator), kind, rule.values)


def find_operator(kind: Kind, name: str, column: str) -> Operator:
    """Return the operator of that name.

    Raises:
        RuleError: the kind has none such.
    """
    for operator in OPERATORS[kind]:
        if operator.name == name:
            return operator
    names = ", ".join(operator.name for operator in OPERATORS[kind])
    raise RuleError(f"{column} has no operator {name}; it has {names}.")


def _readable(name: str, kind: Kind, operator: Operator) -> str:
    """Return the column as its operators compare it."""
    if kind == Kind.TEXT and operator.name in ("empty", "not_empty"):
        return f"nullif(trim(cast({name} as varchar)), '')"
    if kind == Kind.TEXT:
        return f"lower(cast({name} as varchar))"
    return f"cast({name} as date)" if kind == Kind.DATE else name


def _applied(operator: Operator, column: str, kind: Kind, values: Sequence[Value]) -> str:
    wanted = {0: "no value", 1: "1 value", 2: "2 values"}.get(operator.arity, "at least 1 value")
    if len(values) != operator.arity and not (operator.arity == ANY_NUMBER and values):
        raise RuleError(f"“{operator.label}” takes {wanted}, not {len(values)}.")
    if operator.name == "matches":
        literals = [pattern(value) for value in values]
    elif operator.takes == Kind.NUMBER:
        literals = [days(value) for value in values]
    else:
        literals = [literal(value, kind) for value in values]
    held = operator.sql(column, literals)
    if operator.name in ("empty", "not_empty"):
        return f"not ({held})" if operator.negated else f"({held})"
    return f"{'not ' if operator.negated else ''}coalesce({held}, false)"


def _related(rule: Related, scope: _Scope) -> str:
    if scope.alias != "p":
        raise RuleError(f"Rows of {scope.table.name} cannot have related rows of their own.")
    table = find_table(scope.tables, rule.table)
    key = find_column(table, scope.profile.key)
    inner = _Scope(scope.tables, scope.profile, table, "r", scope.depth + 1)
    joined = _joined(key, find_column(scope.table, scope.profile.key))
    where = f" and {condition(rule.where, inner)}" if rule.where else ""
    source = f"from {ident(table.name)} r where {joined}{where}"
    if rule.measure == "exists":
        return f"exists (select 1 {source})"
    operator = find_operator(Kind.NUMBER, rule.operator, rule.measure)
    measured = f"(select {_measured(rule, table)} {source})"
    return _applied(operator, measured, Kind.NUMBER, rule.values)


def _joined(related: Column, own: Column) -> str:
    """Match keys; a text and another type by what they are as texts, as in a segment."""
    theirs, ours = f"r.{ident(related.name)}", f"p.{ident(own.name)}"
    if (kind_of(related.type) == Kind.TEXT) != (kind_of(own.type) == Kind.TEXT):
        return f"{key_text(theirs)} = {key_text(ours)}"
    return f"{theirs} = {ours}"


def _measured(rule: Related, table: Table) -> str:
    if rule.measure == "count":
        return "count(*)"
    if rule.measure not in _MEASURES:
        raise RuleError(
            f"There is no measure {rule.measure}; use exists, count, sum, avg, min or max."
        )
    column = find_column(table, rule.column)
    if kind_of(column.type) != Kind.NUMBER:
        raise RuleError(f"{column.name} holds no numbers, so it has no {rule.measure}.")
    return _MEASURES[rule.measure].format(f"r.{ident(column.name)}")
