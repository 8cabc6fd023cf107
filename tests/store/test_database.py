import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from lib.access import Person
from lib.errors import SettingsError, StateInUseError, StorageError
from lib.settings import Settings, load
from lib.sources import Source
from lib.store import Store, open_store, sources
from lib.store.failures import explain


def test_the_state_directory_and_the_store_are_for_their_owner_only(settings: Settings) -> None:
    open_store(settings).close()
    assert stat.S_IMODE(settings.state.stat().st_mode) == 0o700
    assert stat.S_IMODE((settings.state / "store.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((settings.state / "secret.key").stat().st_mode) == 0o600


def test_sqlite_keeps_a_log_syncs_every_commit_and_minds_foreign_keys(store: Store) -> None:
    with store.read() as db:
        found = {
            name: db.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_raised_error_undoes_the_whole_transaction(store: Store, admin: Person) -> None:
    with pytest.raises(RuntimeError), store.write() as db:
        db.execute(text("INSERT INTO choices VALUES ('a', '1', '2026-01-01 00:00:00', '')"))
        raise RuntimeError
    with store.read() as db:
        assert db.execute(text("SELECT count(*) FROM choices")).scalar() == 0


def test_a_reader_sees_one_moment_while_another_writes(store: Store, admin: Person) -> None:
    with store.read() as db:
        before = db.execute(text("SELECT count(*) FROM sources")).scalar()
        sources.add(store, admin, Source("orders", "/data/orders"))
        assert db.execute(text("SELECT count(*) FROM sources")).scalar() == before
    assert len(sources.all(store, admin)) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no database URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("nosuch://host/name", "driver"),
        ("postgresql+pg8000://host/name", "driver"),
    ],
)
def test_a_bad_url_is_said_in_a_sentence_without_the_url(
    tmp_path: Path, url: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as refusal:
        open_store(load(state=tmp_path, store_url=url))
    assert url not in str(refusal.value)


def test_a_url_of_another_sqlite_file_is_used(tmp_path: Path, admin: Person) -> None:
    elsewhere = load(state=tmp_path / "state", store_url=f"sqlite:///{tmp_path}/other.db")
    with open_store(elsewhere) as store:
        sources.add(store, admin, Source("orders", "/data/orders"))
    assert (tmp_path / "other.db").stat().st_size > 0


def test_a_state_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="MUSTER_STATE"):
        open_store(load(state=tmp_path / "file" / "state"))


def test_a_file_that_is_no_store_is_said(settings: Settings) -> None:
    settings.state.mkdir()
    (settings.state / "store.db").write_bytes(b"this is a diary, not a database" * 100)
    with pytest.raises(StorageError, match="damaged"):
        open_store(settings)


def test_a_full_disk_is_said_and_nothing_is_lost(
    store: Store, admin: Person, settings: Settings
) -> None:
    sources.add(store, admin, Source("orders", "/data/orders"))
    with pytest.raises(StorageError, match="full"), store.write() as db:
        pages = db.execute(text("PRAGMA page_count")).scalar()
        db.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(400):
            values = {"key": f"k{number}", "value": '"' + "x" * 4000 + '"'}
            db.execute(text("INSERT INTO choices VALUES (:key, :value, '', '')"), values)
    with open_store(settings) as again:
        assert [source.name for source in sources.all(again, admin)] == ["orders"]


def test_a_read_only_store_is_said(store: Store, admin: Person) -> None:
    with pytest.raises(StorageError, match="cannot be written"), store.write() as db:
        db.execute(text("PRAGMA query_only = ON"))
        db.execute(text("DELETE FROM choices"))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("database or disk is full", StorageError),
        ("attempt to write a readonly database", StorageError),
        ("unable to open database file", StorageError),
        ("disk I/O error", StorageError),
        ("database disk image is malformed", StorageError),
        ("database is locked", StateInUseError),
    ],
)
def test_failures_of_the_set_up_have_sentences(
    message: str, kind: type[Exception], tmp_path: Path
) -> None:
    assert isinstance(explain(message, tmp_path), kind)


def test_a_server_that_is_down_is_said(settings: Settings) -> None:
    away = settings.model_copy(update={"store_url": "postgresql+psycopg://u@127.0.0.1:1/x"})
    with pytest.raises(StorageError, match="MUSTER_STORE_URL"):
        open_store(away)


def test_other_failures_stay_what_they_are(tmp_path: Path) -> None:
    assert explain("UNIQUE constraint failed: segments.name_key", tmp_path) is None


def test_twenty_threads_write_without_a_collision(store: Store, admin: Person) -> None:
    def work(number: int) -> None:
        for turn in range(5):
            sources.add(store, admin, Source(f"t{number}_{turn}", "/data"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sources.all(store, admin)) == 100


OPEN = """
import sys
from lib.settings import load
from lib.store import open_store
sys.stdin.readline()
open_store(load(state=sys.argv[1])).close()
"""


def test_processes_that_open_a_new_store_at_once_all_succeed(settings: Settings) -> None:
    command = [sys.executable, "-c", OPEN, str(settings.state)]
    opening = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    ended = [process.communicate(b"go\n", timeout=60) for process in opening]
    assert [process.returncode for process in opening] == [0] * 3, ended
    with sqlite3.connect(settings.state / "store.db") as db:
        assert db.execute("SELECT count(*) FROM audit_head").fetchone() == (1,)


def test_threads_that_open_a_new_store_at_once_all_succeed(settings: Settings) -> None:
    opened: list[Store] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_store(settings))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    for store in opened:
        store.close()
