"""What an audience must hold after a run, said again in plain Python; it imports nothing of Muster.

``intend`` is the plan and ``happen`` the push, both contact by contact. What a profile's text comes
to is not computed here: whoever makes up a profile says so (see ``people``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Person:
    """A profile, with what its texts come to."""

    key: int
    address: str | None
    """Lower case; None when the profile's is unusable."""
    values: Mapping[str, Any]
    """By merge tag, without those that must not be sent."""
    tags: frozenset[str]


@dataclass(frozen=True)
class Member:
    """A member of the audience."""

    status: str
    merge: Mapping[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rules:
    """What the export and the audience say."""

    status_if_new: str = "subscribed"
    give_tags: bool = True
    on_leave: str = "nothing"
    revive: bool = False
    keep: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    lands: str = ""
    """The status that somebody new gets, when it is not ``status_if_new``."""


@dataclass(frozen=True)
class Intent:
    """What a plan means to do with one address."""

    fate: str
    before: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


Audience = dict[str, Member]
REACHED = ("subscribed", "transactional")


def intend(
    people: Iterable[Person],
    audience: Audience,
    rules: Rules,
    owned: Mapping[str, frozenset[str]],
    refused: frozenset[str],
) -> dict[str, Intent]:
    """Return what must happen to each usable address, and to members who left."""
    groups: dict[str, list[Person]] = {}
    for person in people:
        if person.address:
            groups.setdefault(person.address, []).append(person)
    made = {
        a: _one(g, audience.get(a), rules, owned.get(a), a in refused) for a, g in groups.items()
    }
    for address in set(owned) - set(groups):
        member, gave = audience.get(address), owned[address]
        if rules.on_leave == "nothing" or member is None or member.status not in REACHED:
            continue
        if rules.on_leave == "archive":
            made[address] = Intent("left", member.status)
        elif member.tags & gave:
            made[address] = Intent("left", member.status, remove=member.tags & gave)
    return made


def _one(
    group: list[Person],
    member: Member | None,
    rules: Rules,
    gave: frozenset[str] | None,
    refused: bool,
) -> Intent:
    best = min(group, key=lambda p: (len(rules.required - set(p.values)), -len(p.values), p.key))
    wanted = frozenset[str]().union(*(p.tags for p in group))
    status = member.status if member else None
    held = member or Member("")
    away = status is None or status == "archived"
    if (refused and away) or not (
        status is None or status in REACHED or (status == "archived" and rules.revive)
    ):
        return Intent("suppressed", status)
    if rules.required - set(best.values) - set(held.merge):
        return Intent("invalid", status)
    new = {
        tag: value
        for tag, value in best.values.items()
        if tag not in held.merge
        or (tag not in rules.keep and (status == "archived" or value != held.merge[tag]))
    }
    add = wanted - held.tags if rules.give_tags else frozenset()
    remove = (
        (gave or frozenset()) & held.tags - wanted if rules.on_leave != "nothing" else frozenset()
    )
    if status is None or status == "archived":
        return Intent("added", status, new, add)
    return Intent("updated" if new or add or remove else "unchanged", status, new, add, remove)


def happen(
    address: str, intent: Intent, now: Member | None, rules: Rules, *, can_be_new: bool = True
) -> list[tuple[str, Member | None]]:
    """Return what may become of an address: pairs of outcome and what is held afterwards."""
    status = now.status if now else None
    if intent.fate not in ("added", "updated", "left"):
        return [(intent.fate, now)]
    gone = status != intent.before and status not in REACHED
    if gone or (intent.fate != "left" and now and _filled(intent, now, rules)):
        return [("suppressed" if gone and now else "not_sent", now)]
    if now is None:
        return (
            [
                (
                    "added",
                    Member(rules.lands or rules.status_if_new, intent.values, intent.add),
                )
            ]
            if can_be_new
            else [("rejected", None)]
        )
    tags = (now.tags | intent.add) - intent.remove
    after = replace(now, merge={**now.merge, **intent.values}, tags=tags)
    if intent.fate == "left":
        leaves = rules.on_leave == "archive"
        return [("left", replace(now, status="archived") if leaves else after)]
    if status == "archived":
        back = replace(after, status=rules.status_if_new)
        return [("added", back), ("suppressed", after), ("suppressed", now), ("rejected", now)]
    return [("updated", after)]


def refuse(intent: Intent, now: Member | None) -> Member | None:
    """Return what is held of an address whose update was refused: tags come off by other calls."""
    if now is None or intent.fate != "updated":
        return now
    return replace(now, tags=now.tags - intent.remove)


@dataclass(frozen=True)
class Trace:
    """What a run did to one address."""

    outcome: str
    intent: Intent
    past: Member | None
    """As the run found it."""
    left: Member | None
    """As the run left it."""
    sure: bool
    """Nothing went wrong, so it is certain who added whom, and nobody touched it since."""


def take_back(trace: Trace, now: Member | None, rules: Rules) -> list[Member | None]:
    """Return what may be held once the run is undone."""
    if now is None or now.status not in REACHED:
        return [now]
    past, intent = trace.past, trace.intent
    if trace.outcome == "added":
        if now != trace.left or now.status != rules.status_if_new:
            return [now]
        gone = replace(now, status="archived")
        return [gone] if trace.sure and past is None else [gone, now]
    if trace.outcome == "rejected":
        intent = replace(intent, values={}, add=frozenset())
    if (
        trace.outcome not in ("updated", "left", "rejected")
        or past is None
        or past.status not in REACHED
    ):
        return [now]
    back = frozenset(tag for tag, value in intent.values.items() if now.merge.get(tag) == value)
    stuck = rules.required - past.merge.keys()
    was = {tag: past.merge[tag] for tag in back & past.merge.keys()}
    merge = {tag: value for tag, value in now.merge.items() if tag not in back - stuck} | was
    tags = now.tags - (intent.add - past.tags) | (intent.remove & past.tags)
    return [replace(now, merge=merge, tags=tags)]


def _filled(intent: Intent, now: Member, rules: Rules) -> bool:
    """Somebody filled a field, since the plan, that is never overwritten once it is filled."""
    fields = rules.keep & set(intent.values) & set(now.merge)
    return any(now.merge[tag] != intent.values[tag] for tag in fields)


def refused_for_good(outcome: str, message: str) -> bool:
    """Whether an answer means the address itself: who may come back by themselves is not meant."""
    return outcome == "rejected" and "compliance" not in message
