# ruff: noqa: S608 - names and literals are quoted
"""Members this export added once and that are in none of its segments any more."""

from collections.abc import Sequence

from lib.contacts.contacts import EMPTY, Attribute
from lib.contacts.fates import Fate, as_fate, detail
from lib.contacts.options import OnLeave
from lib.sql import ident, text


def select_left(
    matched: Sequence[Attribute], on_leave: OnLeave, contacts: str, snapshot: str, owned: str
) -> str:
    """Return SQL, to be appended to the plan's rows, of the members with the fate ``left``.

    Only members that are subscribed or transactional are touched, and only when there is a tag
    of ours to take away or they are to be archived, so that a second plan finds nothing left.
    Whom another export wants is not archived: our tags are taken away instead.
    """
    stays = "true" if on_leave == OnLeave.UNTAG else "o.wanted"
    ours = "list_transform(o.tags, lambda t: lower(t))"
    removes = f"list_filter(s.tags, lambda t: list_contains({ours}, lower(t)))"
    old = ", ".join(
        f"{text(a.field.tag)}: nullif(s.merge[{text(a.field.tag)}], '')" for a in matched
    )
    reason = "case when o.wanted then 'wanted_elsewhere' else 'archive' end"
    reason = "'untag'" if on_leave == OnLeave.UNTAG else reason
    return (
        "\n  union all by name\n"
        f"  select (select count(*) from {ident(contacts)})\n"
        "    + row_number() over (order by s.member_id) - 1 as ord,\n"
        f"  '' as \"key\", s.email, s.member_id, {as_fate(Fate.LEFT)} as fate,\n"
        f"  {reason} as reason, {detail('reason', 'null')} as detail, s.status as status_before,\n"
        f"  {f'{{{old}}}' if old else EMPTY} as old,\n"
        f"  case when {stays} then {removes} else [] end as tags_remove,\n"
        '  cast([] as varchar[]) as "segments", cast([] as varchar[]) as problems\n'
        f"  from {ident(owned)} o join {ident(snapshot)} s on s.member_id = o.member_id\n"
        f"  where s.status in ('subscribed', 'transactional') and s.member_id not in (\n"
        f"    select member_id from {ident(contacts)} where member_id is not null)\n"
        f"  and (not {stays} or len({removes}) > 0)"
    )
