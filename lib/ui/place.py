"""The office of whoever looks at this page: this installation, and who they are."""

from lib.config import Office
from lib.ui import person, resources


def office() -> Office:
    """Return it; cheap enough to ask for at every turn."""
    return Office(resources.settings(), resources.store(), person.who())
