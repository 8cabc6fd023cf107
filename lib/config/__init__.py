"""What people configure: accounts, sources, segments and exports, by hand or from one TOML file.

Connecting an account asks Mailchimp and writes the store; saving an export asks Mailchimp, the
warehouse and the store. Pages and the command line both call these functions. The rule: nothing is
saved before everything was checked.
"""

from dataclasses import dataclass

from lib.access import Person
from lib.settings import Settings
from lib.store import Store


@dataclass(frozen=True, slots=True)
class Office:
    """Where somebody works: this installation, and who they are."""

    settings: Settings
    store: Store
    who: Person
