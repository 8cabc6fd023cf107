"""The schedule: which exports run by themselves, when next, and what keeps the others from it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from lib import cron
from lib.access import Person, Role, Roster, is_local
from lib.errors import InputError
from lib.settings import Settings
from lib.store.export_record import SCHEDULE_OFF, Export
from lib.store.refresh import Refresh
from lib.store.timetable import Terms

WHY: Mapping[str, str] = {
    "detached": "It has no connection.",
    "inactive": "It is switched off.",
    "off": "It runs by hand only.",
    "no_refresh": "It follows the refresh, and there is none.",
    "cron": "Its schedule cannot be read: choose it anew.",
    "consent": "Consent for its connection was withdrawn.",
    "user": "The export user of its connection may not run exports any more.",
    "rules": "Nobody has approved its rules as they are now.",
}
"""What keeps an export from running by itself, by code."""

IDLE = frozenset({"inactive", "off", "no_refresh", "cron"})
"""Of these, what keeps it from coming due at all."""


def expression(export: Export, refresh: Refresh) -> str:
    """Return the cron by which an export comes due; empty when it never does."""
    if not export.active or export.schedule == SCHEDULE_OFF:
        return ""
    return export.schedule or refresh.cron


def hindrance(
    export: Export, refresh: Refresh, terms: Mapping[str, Terms], settings: Settings
) -> str:
    """Return the code of what keeps an export from running by itself; empty when nothing does.

    Args:
        export: which.
        refresh: of the installation.
        terms: of the connections, by id.
        settings: whose roster says who may run exports.
    """
    if export.connection_id is None:
        return "detached"
    if not export.active:
        return "inactive"
    if export.schedule == SCHEDULE_OFF:
        return "off"
    if not expression(export, refresh):
        return "no_refresh"
    return _unreadable(expression(export, refresh)) or refusal(export, terms, settings)


def refusal(export: Export, terms: Mapping[str, Terms], settings: Settings) -> str:
    """Return the code of what forbids an unattended run now, whatever the schedule says."""
    if export.connection_id is None:
        return "detached"
    on = terms[export.connection_id]
    if not on.agreed:
        return "consent"
    if reader(on, settings) is None:
        return "user"
    return "" if export.rules_approved else "rules"


def next_runs(
    export: Export, refresh: Refresh, settings: Settings, after: datetime, count: int
) -> tuple[datetime, ...]:
    """Return when an export comes due next; nothing when it does not by itself."""
    given = expression(export, refresh)
    if not given or _unreadable(given):
        return ()
    return cron.upcoming(given, settings.time_zone, after, count)


def reader(terms: Terms, settings: Settings) -> Person | None:
    """Return the export user of a connection, on whose behalf unattended runs read and send.

    None when the roster does not let them run exports through it any more. Groups are known only
    while somebody signs in, so where a group may run exports its members are taken at their word.
    """
    user = terms.export_user
    role = _role(user, settings)
    if role is Role.ADMINISTRATOR or (role is Role.CONTRIBUTOR and terms.shared):
        return Person(user, user, role)
    return None


def _role(user: str, settings: Settings) -> Role | None:
    listed = (settings.administrators, settings.contributors, settings.viewers)
    if not user.strip():
        return None
    if is_local(user) or not (any(listed) or settings.others == "viewer"):
        return Role.ADMINISTRATOR
    role = Roster(*listed).role(user)
    if role in {Role.ADMINISTRATOR, Role.CONTRIBUTOR}:
        return role
    if _names_a_group(settings.administrators):
        return Role.ADMINISTRATOR
    return Role.CONTRIBUTOR if _names_a_group(settings.contributors) else role


def _names_a_group(listed: Iterable[str]) -> bool:
    return any(entry.strip().startswith("group:") for entry in listed)


def _unreadable(expression: str) -> str:
    try:
        cron.describe(expression)
    except InputError:
        return "cron"
    return ""
