# ruff: noqa: S608 - names and literals are quoted
"""The plan that takes a run back: what it wrote, against the audience as it was and as it is now.

A value is put back only where the audience still holds what the run wrote; what somebody changed
since is left alone. Nobody gets a status: a body names ``status_if_new`` alone, as Mailchimp asks
for one, and that is ``transactional``, which subscribes nobody even if the member is gone by then.
"""

from collections.abc import Sequence

from lib.contacts import values
from lib.contacts.contacts import EMPTY
from lib.contacts.fates import detail
from lib.contacts.fields import MergeField
from lib.sql import Sql, ident, text

_NONE = "cast([] as varchar[])"
_ALIVE = "('subscribed', 'transactional')"


def select_undo(fields: Sequence[MergeField], *, shown_tags: int) -> Sql:
    """Return SQL for the undo of a run, with the columns of plan.parquet in rising ``ord``.

    Reads the relations ``plan`` and ``outcomes`` of the run, ``past`` (the audience before it),
    ``after`` (as it was when the run ended; may be empty) and ``now`` (as it is), these three with
    the columns of snapshot.parquet, and ``claimed`` (``member_id, tags``: whom other exports want,
    and with which tags, in small letters).

    Args:
        fields: those merge fields of the plan that the audience still has.
        shown_tags: the most tags of a member that the audience shows; of a member with so many
            nobody knows whether they are all.
    """
    return Sql(
        f"with written as (\n{_written(fields, shown_tags)}\n),\n"
        f"compared as (\n{_compared(fields)}\n),\n"
        f"judged as (\n{_judged(fields)}\n),\nfated as (\n{_FATED}\n)\n{_rows(fields)}"
    )


# Whoever was in doubt may have been written. A contact that another call than ours may have created
# is not ours to archive. Where nobody saw what the run left behind, a contact has to hold what the
# run wrote and nothing else, besides what it held before. Of who was refused nothing was written,
# but the tags were taken off all the same, by calls of their own.
def _written(fields: Sequence[MergeField], shown_tags: int) -> str:
    return f"""
  select p.ord as place, p."key", p.member_id, p."segments",
    case when o.outcome <> 'rejected' then p.new end as sent,
    p.fate = 'left' and p.reason = 'archive' as put_away,
    case when o.outcome <> 'rejected' then p.tags_add else {_NONE} end as gave,
    case when o.code = 'undone' then {_NONE} else p.tags_remove end as took,
    json_extract_string(p.body, '$.status_if_new') as status_given,
    coalesce(b.status <> 'archived', false) as was_there,
    coalesce(b.status <> 'archived', false) is false and p.fate = 'added' and o.outcome = 'added'
      and o.code not in ('answered_updated', 'read_back') as created,
    b.merge as was, coalesce(b.tags, {_NONE}) as had,
    n.member_id is not null as there, coalesce(n.email, p.email) as email, n.status,
    n.merge as held, coalesce(n.tags, {_NONE}) as has,
    len(gave) + len(took) > 0 and greatest(len(had), len(has)) >= {int(shown_tags)} as unseen,
    a.member_id is not null
      and (coalesce(n.last_changed > a.last_changed, false) or {_others("a.merge")}) as later,
    a.member_id is null and {_others("b.merge", fields)} as unproven,
    k.member_id is not null as wanted, coalesce(k.tags, {_NONE}) as wants
  from plan p join outcomes o on o.ord = p.ord
  left join past b on b.member_id = p.member_id
  left join "after" a on a.member_id = p.member_id
  left join now n on n.member_id = p.member_id
  left join claimed k on k.member_id = p.member_id
  where o.outcome in ('added', 'updated', 'in_doubt')
    or (o.outcome = 'rejected' and p.fate = 'updated' and len(p.tags_remove) > 0)
    or (o.outcome = 'left' and (o.code <> 'undone' or len(p.tags_add) > 0))"""


def _others(known: str, fields: Sequence[MergeField] = ()) -> str:
    """Return SQL telling that a member holds other values than known ones or those of the run.

    ``last_changed`` alone does not: it has whole seconds.
    """
    ours = "".join(
        f" and not (k = {text(f.tag)} and p.new.{ident(f.tag)} is not null)" for f in fields
    )
    return (
        "coalesce(len(list_filter(map_keys(n.merge), lambda k: coalesce(n.merge[k], '') <> ''"
        f" and n.merge[k] is distinct from {known}[k]{ours})) > 0, false)"
    )


def _compared(fields: Sequence[MergeField]) -> str:
    """Return SQL telling of each value whether it is still the run's, and which to put back."""
    columns = "".join(
        f",\n    {_ours(f)} as ours{i}, {_back(f)} as back{i}" for i, f in enumerate(fields)
    )
    return f"  select *{columns}\n  from written"


def _was(field: MergeField) -> str:
    was = f"was[{text(field.tag)}]"
    return f"coalesce({f'left({was}, 10)' if field.type == 'date' else was}, '')"


def _held(field: MergeField) -> str:
    return f"coalesce(held[{text(field.tag)}], '')"


def _ours(field: MergeField) -> str:
    """Return SQL: NULL when the run did not write it, else whether its value is still there."""
    sent = f"sent.{ident(field.tag)}"
    same = f"coalesce({values.same(field, sent, _held(field))}, false)"
    return f"case when {sent} is not null then {same} end"


def _back(field: MergeField) -> str:
    """Return SQL for the value to put back, NULL when there is none; ``''`` empties the field."""
    alike = f"coalesce({values.same(field, _was(field), _held(field))}, false)"
    must = f" and {_was(field)} <> ''" if field.required else ""
    return f"case when {_ours(field)} and was_there and not {alike}{must} then {_was(field)} end"


def _judged(fields: Sequence[MergeField]) -> str:
    """Return SQL for the tags to put back and take off, and the reason for what is left alone."""
    backs = ", ".join(f"back{i}" for i in range(len(fields)))
    values_back = f"coalesce({backs}) is not null or " if backs else ""
    changed = [
        f"case when ours{i} = false and not coalesce("
        f"{values.same(f, _was(f), _held(f))}, false) then {text(f.tag)} end"
        for i, f in enumerate(fields)
    ]
    stuck = [
        f"case when ours{i} and {_was(f)} = '' then {text(f.tag)} end"
        for i, f in enumerate(fields)
        if f.required
    ]
    off, on = _minus("has", "gave", "list_concat(had, wants)"), _minus("had", "took", "has")
    touched = " or ".join(["later", *(f"ours{i} = false" for i in range(len(fields)))])
    return (
        "  select *,\n"
        f"    case when was_there and not unseen then {off} else {_NONE} end as removes,\n"
        f"    case when was_there and not unseen then {on} else {_NONE} end as adds,\n"
        f"    {_listed(changed)} as changed_since, {_listed(stuck)} as stuck,\n"
        f"    coalesce({touched}, false)"
        f" or len({_without('has', 'gave', 'had')}) > 0 as touched,\n"
        f"    {values_back}len(removes) > 0 or len(adds) > 0 as something\n"
        "  from compared"
    )


def _minus(of: str, these: str, but: str) -> str:
    """Return SQL for the tags of one list that are among others, except some; case is no matter."""
    return (
        f"list_filter({of}, lambda t: list_contains({_lower(these)}, lower(t))"
        f" and not list_contains({_lower(but)}, lower(t)))"
    )


def _without(of: str, these: str, those: str) -> str:
    return (
        f"list_filter({of}, lambda t: not list_contains({_lower(these)}, lower(t))"
        f" and not list_contains({_lower(those)}, lower(t)))"
    )


def _lower(tags: str) -> str:
    return f"list_transform({tags}, lambda l: lower(l))"


def _listed(items: Sequence[str]) -> str:
    return f"list_filter([{', '.join(items)}], lambda x: x is not null)" if items else _NONE


# ``pending`` cannot be archived: Mailchimp refuses it (Marketing API, 405 on DELETE of a member).
_FATED = f"""
  select *,
    case when not there then 'removed'
      when put_away and status = 'archived' then 'stays_archived'
      when status in ('unsubscribed', 'cleaned', 'pending', 'archived') then status
      when status not in {_ALIVE} then 'unknown_status'
      when created and status is distinct from status_given then 'own_word'
      when created and touched then 'touched_since'
      when created and unproven then 'unproven'
      when created and wanted then 'wanted_too'
      when created then 'archive'
      when not was_there then 'not_ours'
      when unseen then 'tags_unseen'
      when something then case when len(changed_since) > 0 then 'partly'
        when len(stuck) > 0 then 'must_stay' else '' end
      when len(changed_since) > 0 then 'changed_since'
      when len(stuck) > 0 then 'must_stay' else 'as_before' end as reason,
    case when not there or status not in {_ALIVE} then 'suppressed'
      when reason = 'archive' then 'left'
      when was_there and something then 'updated' else 'unchanged' end as fate
  from judged"""


def _rows(fields: Sequence[MergeField]) -> str:
    old = ", ".join(f"{text(f.tag)}: nullif({_held(f)}, '')" for f in fields)
    going = "fate = 'updated'"
    particulars = (
        "case reason when 'partly' then array_to_string(changed_since, ', ')"
        " when 'must_stay' then array_to_string(stuck, ', ') end"
    )
    words = f"case when reason = 'archive' then {text(ARCHIVED)} else"
    return (
        'select row_number() over (order by place) - 1 as ord, "key", email,\n'
        "  cast(null as varchar) as email_given, member_id, fate, reason,\n"
        f"  case when reason = '' then '' else {words} {detail('reason', particulars)} end end"
        " as detail,\n  status as status_before,\n"
        f"  case when there then {f'{{{old}}}' if old else EMPTY} end as old,\n"
        f"  case when {going} then removes else {_NONE} end as tags_remove,\n"
        f'  "segments", {_NONE} as problems,\n'
        f"  case when {going} then {_body(fields)} end as body\nfrom fated order by ord"
    )


ARCHIVED = "Added by this run and not changed since; will be archived."
"""Words of the one reason that an undo shares with a plan."""


def _body(fields: Sequence[MergeField]) -> str:
    parts = ", ".join(
        f"{text(json_name(f.tag))} || case when back{i} = '' then '\"\"' else"
        f" {values.as_json(f, f'back{i}')} end"
        for i, f in enumerate(fields)
    )
    merged = f"concat_ws(',', {parts})" if parts else "''"
    return (
        "concat('{\"email_address\":', cast(to_json(email) as varchar),"
        ' \',"status_if_new":"transactional","merge_fields":{\', '
        f"{merged}, '}}', case when len(adds) = 0 then '' else"
        " concat(',\"tags\":', cast(to_json(adds) as varchar)) end, '}')"
    )


def json_name(tag: str) -> str:
    """Return a merge tag as it begins a pair of a JSON object."""
    return f'"{tag}":'
