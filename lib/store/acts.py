"""An act: a person changes something, with the right to, in one transaction that is audited."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection as Db

from lib.access import Action, Person, require
from lib.store import audit
from lib.store.database import Store

MACHINE = "worker"
"""By this name the worker acts where no person does; it approves nothing."""


class Named(Protocol):
    """What has an id and a name."""

    @property
    def id(self) -> str:
        """Our id."""

    @property
    def name(self) -> str:
        """What people call it."""


@dataclass(frozen=True, slots=True)
class Act:
    """A transaction under way and who acts in it."""

    store: Store
    db: Db
    who: Person

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.store.clock()

    def log(self, verb: str, noun: str, old: Named | None, new: Named | None) -> None:
        """Audit a change of a whole record: made (no old), changed, or removed (no new)."""
        about = new or old
        assert about is not None
        self.note(
            verb,
            noun,
            ref=about.id,
            name=about.name,
            old=_columns(old),
            new=_columns(new),
        )

    def note(
        self,
        verb: str,
        noun: str,
        *,
        ref: str,
        name: str = "",
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
    ) -> None:
        """Audit anything else that was done."""
        audit.record(
            self.store, self.db, self.who, verb, noun, ref=ref, name=name, old=old, new=new
        )


@contextmanager
def acting(store: Store, who: Person, action: Action) -> Iterator[Act]:
    """Begin an act that ends with the block, or is undone when the block raises.

    Raises:
        ForbiddenError: the person's role may not do this.
    """
    require(who, action)
    with store.write() as db:
        yield Act(store, db, who)


def _columns(record: Named | None) -> dict[str, Any] | None:
    return None if record is None else asdict(record)  # type: ignore[call-overload]
