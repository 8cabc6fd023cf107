"""One practice Mailchimp for a module, and an installation with an audience for every test."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.runs.sending import layout
from lib.settings import load
from lib.store import open_store
from tests.conftest import Practice
from tests.proof.works import TALLY, Works, settle_in


@pytest.fixture(autouse=True)
def what_was_done(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Have what a long proof counts shown at the end of the session."""
    TALLY.clear()
    yield
    if TALLY:
        record_property("did", dict(TALLY))


@pytest.fixture(scope="module")
def shared_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """Return a running practice Mailchimp for many cases."""
    running = Practice(tmp_path_factory.mktemp("practice")).start()
    yield running
    running.kill(signal.SIGTERM)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated store with nothing in it: copying it is faster than migrating anew."""
    state = tmp_path_factory.mktemp("empty")
    open_store(load(state=state)).close()
    return state / "store.db"


@pytest.fixture
def works(shared_practice: Practice, empty_store: Path, tmp_path: Path) -> Iterator[Works]:
    """Return an installation with an empty audience."""
    made = settle_in(shared_practice, tmp_path, empty_store)
    with made.store:
        made.new_audience()
        yield made


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few people make many batches."""
    monkeypatch.setitem(layout.SIZES, "upsert", 3)
    monkeypatch.setitem(layout.SIZES, "untag", 2)
    monkeypatch.setitem(layout.SIZES, "archive", 2)
