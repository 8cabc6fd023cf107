"""Who may do what. Rights are checked where a thing is done, never by hiding a button."""

from dataclasses import dataclass
from enum import StrEnum

from lib.errors import ForbiddenError


class Role(StrEnum):
    """What a person is, from least to most."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """Everything that can be done, in the words a refusal uses."""

    LOOK = "look at profiles, segments, exports and runs"
    QUERY = "query the warehouse"
    EDIT_SEGMENTS = "change segments"
    EDIT_EXPORTS = "change exports"
    RUN_EXPORTS = "plan, approve, run or cancel exports"
    EDIT_CONNECTIONS = "change connections"
    EDIT_SYSTEM = "change sources, settings and schedules"
    READ_AUDIT = "read the audit log"


_CONTRIBUTOR = frozenset(
    {Action.LOOK, Action.QUERY, Action.EDIT_SEGMENTS, Action.EDIT_EXPORTS, Action.RUN_EXPORTS}
)
RIGHTS: dict[Role, frozenset[Action]] = {
    Role.VIEWER: frozenset({Action.LOOK, Action.QUERY}),
    Role.CONTRIBUTOR: _CONTRIBUTOR,
    Role.ADMINISTRATOR: frozenset(Action),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts: signed in, or whoever runs the command line."""

    email: str
    name: str
    role: Role


LOCAL_ADMINISTRATOR = Person("local administrator", "Local administrator", Role.ADMINISTRATOR)
"""The one person of an installation without sign-in; it serves this machine only."""


def may(who: Person, action: Action) -> bool:
    """Say whether the person's role allows the action."""
    return action in RIGHTS[who.role]


def require(who: Person, action: Action) -> None:
    """Let the action pass, or raise.

    Raises:
        ForbiddenError: naming the role, the action and whom to ask.
    """
    if not may(who, action):
        raise ForbiddenError(
            f"A {who.role} may not {action}. Ask an administrator to do it, or to change your role."
        )
