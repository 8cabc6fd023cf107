# ruff: noqa: S608 - names and literals are quoted
"""Real contacts as Mailchimp will get them, with the worst ones among them on purpose."""

from collections.abc import Sequence

from lib.contacts.contacts import attributes
from lib.contacts.duplicates import resolved
from lib.contacts.fields import MergeField
from lib.contacts.matching import Matching
from lib.sql import Sql, ident, text

WHY = {
    "longest": "The longest value",
    "shout": "All capitals",
    "emoji": "An emoji",
    "alphabet": "Another alphabet",
    "problem": "A value with a problem",
    "invalid": "Cannot be sent",
    "duplicate": "Same address as another profile",
    "cleaned": "Cleaned up",
    "empty": "Empty",
    "usual": "As most are",
}
"""Why a contact is shown, worst first."""

_EMOJI = r"[\x{1F000}-\x{1FAFF}\x{2600}-\x{27BF}]"


def select_preview(
    matching: Matching,
    fields: Sequence[MergeField],
    contacts: str = "contacts",
    *,
    each: int = 1,
    usual: int = 5,
) -> Sql:
    """Return SQL for a few contacts worth looking at.

    Args:
        matching: which column feeds what.
        fields: merge fields of the audience.
        contacts: relation that select_contacts made.
        each: how many contacts to show for each reason.
        usual: how many ordinary contacts to show besides.

    Returns:
        SQL giving ``why`` (a key of WHY), ``tag`` it is about ('' for the whole contact),
        ``key``, ``email_given``, ``email``, ``problem``, ``new`` and ``segments``; a contact
        appears once, for its worst reason.
    """
    parts = [_whole("problem <> ''", "invalid", each)]
    parts += [_whole("winner is not null", "duplicate", each)]
    parts += [_whole("problem = '' and email_given is not null", "cleaned", each)]
    parts += [_whole("problem = '' and winner is null and len(problems) = 0", "usual", usual)]
    for attribute in attributes(matching, fields):
        parts += _of_field(attribute.field, each)
    order = " ".join(f"when {text(why)} then {i}" for i, why in enumerate(WHY))
    return Sql(
        f"with {resolved(contacts)},\n"
        f"picked as (\n{' union all by name '.join(f'({part})' for part in parts)}\n),\n"
        f"ranked as (\n  select *, row_number() over (partition by seq "
        f"order by case why {order} end, tag) as place from picked\n)\n"
        'select why, tag, "key", coalesce(email_given, email) as email_given, email,\n'
        '  problem, new, "segments" from ranked\n'
        f"where place = 1 order by case why {order} end, tag, seq"
    )


def _whole(condition: str, why: str, count: int) -> str:
    return (
        f"select *, {text(why)} as why, '' as tag from resolved where {condition}\n"
        f"order by seq limit {count}"
    )


def _of_field(field: MergeField, each: int) -> list[str]:
    value = f"new.{ident(field.tag)}"
    worst = {
        "empty": (f"{value} is null", "seq"),
        "problem": (
            f"list_contains(list_transform(problems, lambda x: split_part(x, ':', 1)), "
            f"{text(field.tag)})",
            "seq",
        ),
    }
    if field.type == "text":
        worst["longest"] = (f"{value} is not null", f"length({value}) desc, seq")
        shout = f"length({value}) > 2 and {value} = upper({value}) and {value} <> lower({value})"
        worst["shout"] = (shout, "seq")
        worst["emoji"] = (f"regexp_matches({value}, {text(_EMOJI)})", "seq")
        alphabet = rf"regexp_matches({value}, '[^\p{{Latin}}\p{{Common}}\p{{Inherited}}]')"
        worst["alphabet"] = (alphabet, "seq")
    return [
        f"select *, {text(why)} as why, {text(field.tag)} as tag from resolved\n"
        f"where problem = '' and winner is null and {condition} order by {order} limit {each}"
        for why, (condition, order) in worst.items()
    ]
