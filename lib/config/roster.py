"""Who has which role, as the settings of the installation say."""

from lib.access import Role, Roster
from lib.settings import Settings


def roster(settings: Settings) -> Roster:
    """Return who has which role."""
    others = Role.VIEWER if settings.others == "viewer" else None
    return Roster(settings.administrators, settings.contributors, settings.viewers, others)
