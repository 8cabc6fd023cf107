"""Bring the tables up to date when the store is opened."""

import sqlite3
import threading
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from lib.errors import StorageError
from lib.store.failures import explain
from lib.store.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps the migration under way in module globals."""
_TRIES = 200
_PAUSE_S = 0.05


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing; of several processes at once one does it.

    Raises:
        StorageError: the store was made by a newer version.
    """
    if engine.dialect.name == "sqlite":
        _keep_log(engine)
    with engine.connect() as db:
        if revision(db) == HEAD:
            return
    with _ONE_AT_A_TIME, engine.execution_options(muster_write=True).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(7265839104)"))
        if revision(db) != HEAD:
            _migrate(db)


def revision(db: Connection) -> str:
    """Read which migration the database is at; empty before the first."""
    if not inspect(db).has_table("alembic_version"):
        return ""
    return db.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _keep_log(engine: Engine) -> None:
    """Switch to write-ahead logging, which lasts; two processes that switch at once collide."""
    for attempt in range(_TRIES):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.Error as error:
            if "locked" not in str(error) or attempt == _TRIES - 1:
                place = Path(engine.url.database or "").parent
                raise (explain(str(error), place) or error) from None
        finally:
            connection.close()
        time.sleep(_PAUSE_S)


def _migrate(db: Connection) -> None:
    """Run Alembic inside the transaction that is open: a broken migration leaves no trace."""
    # Imported here: a store that is up to date opens 0.1 s faster without it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision(db) not in known | {""}:
        raise StorageError(
            "The store in the state directory was made by a newer version of Muster: "
            "install that version, or name another directory in MUSTER_STATE."
        )
    config.attributes["connection"] = db
    command.upgrade(config, "head")
