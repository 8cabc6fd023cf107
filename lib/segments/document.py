"""Rules as JSON, the form in which they are kept."""

import json
from typing import Any

from lib.errors import RuleError
from lib.segments.literals import Value
from lib.segments.rules import Condition, Group, Related, Rule

VERSION = 1


def to_json(group: Group) -> str:
    """Return the rules as JSON; the same rules always give the same text."""
    return json.dumps({"version": VERSION, **_document(group)}, ensure_ascii=False)


def from_json(document: str) -> Group:
    """Read rules that to_json wrote, or that a person did.

    Raises:
        RuleError: it is not JSON, of another version, or not of this form.
    """
    try:
        read = json.loads(document)
        json.dumps(read, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise RuleError("The rules hold half a character, such as \\ud800; take it out.") from None
    except ValueError as error:
        raise RuleError(f"The rules are not JSON: {error}.") from error
    except RecursionError:
        raise RuleError("The rules are nested too deep; flatten them.") from None
    if not isinstance(read, dict) or read.get("version", VERSION) != VERSION:
        raise RuleError(f"These rules are not of version {VERSION}; write them anew.")
    read.pop("version", None)
    rule = _rule(read)
    if not isinstance(rule, Group):
        raise RuleError("Rules begin with a group: match all or any, and rules.")
    return rule


def _document(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, Group):
        rules = [_document(inner) for inner in rule.rules]
        return {"match": rule.match, "not": rule.negate, "rules": rules}
    if isinstance(rule, Condition):
        kept = {"table": rule.table, "column": rule.column}
        return {**kept, "operator": rule.operator, "values": list(rule.values)}
    where = {"where": _document(rule.where)} if rule.where else {}
    kept = {"related": rule.table, "measure": rule.measure, "column": rule.column}
    return {**kept, "operator": rule.operator, "values": list(rule.values), **where}


_FORMS = (
    {"match", "not", "rules"},
    {"related", "measure", "column", "operator", "values", "where"},
    {"table", "column", "operator", "values"},
)


def _rule(read: Any) -> Rule:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(read, dict):
        raise RuleError("Each rule is an object; see the form that a saved segment has.")
    form = _FORMS[0] if "match" in read else _FORMS[1] if "related" in read else _FORMS[2]
    if strange := sorted(set(read) - form):
        raise RuleError(f"A rule has no {strange[0]}; it may have {', '.join(sorted(form))}.")
    if "match" in read:
        rules = read.get("rules", [])
        if read["match"] not in ("all", "any") or not isinstance(rules, list):
            raise RuleError("A group matches all or any of a list of rules.")
        return Group(read["match"], tuple(_rule(inner) for inner in rules), _truth(read, "not"))
    values = _values(read.get("values", []))
    words = {name: _word(read, name) for name in ("column", "operator")}
    if "related" in read:
        where = _rule(read["where"]) if read.get("where") else None
        if where is not None and not isinstance(where, Group):
            raise RuleError("What related rows must meet is a group of rules.")
        measure: Any = _word(read, "measure")
        return Related(_word(read, "related"), measure, values=values, where=where, **words)
    return Condition(_word(read, "table"), values=values, **words)


def _word(read: dict[str, Any], name: str) -> str:
    word = read.get(name, "")
    if not isinstance(word, str):
        raise RuleError(f"In a rule, {name} is a text.")
    return word


def _truth(read: dict[str, Any], name: str) -> bool:
    truth = read.get(name, False)
    if not isinstance(truth, bool):
        raise RuleError(f"In a group, {name} is true or false.")
    return truth


def _values(read: Any) -> tuple[Value, ...]:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(read, list) or not all(isinstance(v, str | int | float) for v in read):
        raise RuleError("The values of a rule are a list of texts, numbers, true or false.")
    return tuple(read)
