"""Where a command works: the installation that MUSTER_STATE names, as its local administrator.

Whoever can read the state directory holds its key, so the rights to its files are the gate; the
audit log records the name by which the system knows them.
"""

import getpass
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

from lib import settings
from lib.access import COMMAND_LINE, Person, Role
from lib.config import Office
from lib.config.warehouse import open_warehouse
from lib.store import Store, open_store
from lib.warehouse.isolated import IsolatedWarehouse

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def office() -> Iterator[Office]:
    """Open the store for the length of the block."""
    chosen = settings.load()
    with open_store(chosen, origin=f"command line on {socket.gethostname()}") as store:
        yield Office(chosen, store, whoever_runs_this())


def do(act: Callable[Concatenate[Store, Person, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Have one thing of the store done by whoever runs the command, and return what it gives."""
    with office() as here:
        return act(here.store, here.who, *args, **kwargs)


def whoever_runs_this() -> Person:
    """Return the person of the command line, by the name of the system's account."""
    name = _account()
    return Person(f"{name}{COMMAND_LINE}", name, Role.ADMINISTRATOR)


def _account() -> str:
    """The name the account has; unlike USER in the environment it cannot be made up."""
    try:
        import pwd  # not on Windows

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()


@contextmanager
def warehouse(of: Office) -> Iterator[IsolatedWarehouse]:
    """Open the warehouse for the length of the block."""
    with open_warehouse(of) as opened:
        yield opened
