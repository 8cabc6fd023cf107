"""Who may do what. Rights are checked where a thing is done, never by hiding a button."""

from collections.abc import Iterable
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
    PURGE = "purge a person's data"


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

COMMAND_LINE = " (command line)"
"""How the name of whoever runs the command line ends."""


def is_local(name: str) -> bool:
    """Say whether somebody is known by this name who comes without signing in."""
    return name == LOCAL_ADMINISTRATOR.email or (
        name.endswith(COMMAND_LINE) and name != COMMAND_LINE
    )


@dataclass(frozen=True, slots=True)
class Roster:
    """Who has which role: addresses, and groups written ``group:NAME``."""

    administrators: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    others: Role | None = None
    """Role of everybody else who can sign in; None lets them see nothing."""

    def role(self, address: str, groups: Iterable[str] = ()) -> Role | None:
        """Return the highest role that the address or one of the groups has.

        Args:
            address: one that the identity provider vouches for; empty when it does not.
            groups: as the provider names them, letter for letter.
        """
        names = {f"group:{group}" for group in groups}
        if address.strip():
            names.add(address.strip().lower())
        ranked = (
            (Role.ADMINISTRATOR, self.administrators),
            (Role.CONTRIBUTOR, self.contributors),
            (Role.VIEWER, self.viewers),
        )
        for role, listed in ranked:
            if not names.isdisjoint(map(_listed, listed)):
                return role
        return self.others


def _listed(entry: str) -> str:
    """Addresses are compared without regard to case, groups as they are."""
    entry = entry.strip()
    return entry if entry.startswith("group:") else entry.lower()


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
