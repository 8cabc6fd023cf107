import io
import sqlite3
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from lib.access import Person
from lib.errors import StorageError
from lib.settings import Settings
from lib.sources import Source
from lib.store import Store, open_store, sources
from lib.store.tables import HEAD, metadata
from lib.store.upgrade import MIGRATIONS


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    return made


def test_migrations_lead_to_exactly_the_tables(store: Store) -> None:
    with store.read() as db:
        context = MigrationContext.configure(
            db, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_partial_indexes_are_in_the_migrations_too(store: Store, settings: Settings) -> None:
    with sqlite3.connect(settings.state / "store.db") as db:
        query = "SELECT sql FROM sqlite_master WHERE name = 'uq_runs_live_export'"
        assert "state IN ('queued', 'running')" in db.execute(query).fetchone()[0]


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


def test_the_migrations_can_be_written_for_postgresql() -> None:
    written = io.StringIO()
    asked = config()
    asked.attributes |= {"dialect": "postgresql", "output": written}
    command.upgrade(asked, "head", sql=True)
    assert "TIMESTAMP WITH TIME ZONE" in written.getvalue()
    assert "WHERE state IN ('queued', 'running')" in written.getvalue()


def test_a_store_of_the_first_version_is_brought_up_to_date_with_its_data(
    settings: Settings, admin: Person
) -> None:
    settings.state.mkdir()
    engine = create_engine(f"sqlite:///{settings.state}/store.db")
    with engine.begin() as db:
        asked = config()
        asked.attributes["connection"] = db
        command.upgrade(asked, "0001")
        row = "'orders', 'orders', '/data', '', '', '2026-01-01 00:00:00', ''"
        db.exec_driver_sql(f"INSERT INTO sources VALUES ({row})")
    engine.dispose()
    with open_store(settings) as store:
        assert sources.all(store, admin) == (Source("orders", "/data"),)


def test_a_store_of_a_newer_version_is_refused(store: Store, settings: Settings) -> None:
    store.close()
    with sqlite3.connect(settings.state / "store.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer version"):
        open_store(settings)


def test_a_store_that_is_up_to_date_opens_without_alembic(store: Store, settings: Settings) -> None:
    program = (
        "import sys; from lib.settings import load; from lib.store import open_store;"
        "open_store(load(state=sys.argv[1])).close(); sys.exit('alembic' in sys.modules)"
    )
    asked = [sys.executable, "-c", program, str(settings.state)]
    assert subprocess.run(asked, check=False).returncode == 0
