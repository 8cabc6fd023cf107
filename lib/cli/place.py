"""Where a command works: the installation that MUSTER_STATE names, as its local administrator."""

from collections.abc import Iterator
from contextlib import contextmanager

from lib import settings
from lib.access import LOCAL_ADMINISTRATOR
from lib.config import Office
from lib.config.warehouse import open_warehouse
from lib.store import open_store
from lib.warehouse.duckdb import DuckDBWarehouse


@contextmanager
def office() -> Iterator[Office]:
    """Open the store for the length of the block."""
    chosen = settings.load()
    with open_store(chosen, origin="command line") as store:
        yield Office(chosen, store, LOCAL_ADMINISTRATOR)


@contextmanager
def warehouse(of: Office) -> Iterator[DuckDBWarehouse]:
    """Open the warehouse for the length of the block."""
    with open_warehouse(of) as opened:
        yield opened
