"""Rules with tables and columns written as the warehouse writes them; their meaning stays."""

from collections.abc import Sequence
from dataclasses import replace

from lib.errors import RuleError
from lib.segments.members import ProfileTable
from lib.segments.rules import Condition, Group, Rule
from lib.segments.schema import Table, find_column, find_table


def spelled(group: Group, schema: Sequence[Table], profile_table: ProfileTable) -> Group:
    """Return the rules with each name as the warehouse writes it.

    A condition that names the table it is on anyway loses that name. What does not exist stays as
    it is written.

    Args:
        group: the rules.
        schema: the tables of the warehouse.
        profile_table: where profiles are.
    """
    return _group(group, schema, profile_table.name)


def _group(group: Group, schema: Sequence[Table], on: str) -> Group:
    return replace(group, rules=tuple(_rule(rule, schema, on) for rule in group.rules))


def _rule(rule: Rule, schema: Sequence[Table], on: str) -> Rule:
    if isinstance(rule, Group):
        return _group(rule, schema, on)
    table = _table(schema, rule.table or on)
    if isinstance(rule, Condition):
        own = table.casefold() == on.casefold()
        column = _column(schema, table, rule.column)
        return replace(rule, table="" if own else table, column=column)
    column = _column(schema, table, rule.column)
    where = rule.where and _group(rule.where, schema, table)
    return replace(rule, table=table, column=column, where=where)


def _table(schema: Sequence[Table], name: str) -> str:
    try:
        return find_table(schema, name).name
    except RuleError:
        return name


def _column(schema: Sequence[Table], table: str, name: str) -> str:
    try:
        return find_column(find_table(schema, table), name).name
    except RuleError:
        return name
