"""A practice Mailchimp on its first day, and an installation with an audience for every test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.runs.sending import layout
from tests.conftest import Practice
from tests.proof.works import TALLY, Works, settle_in


@pytest.fixture(autouse=True)
def what_was_done(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Have what a long proof counts shown at the end of the session."""
    TALLY.clear()
    yield
    if TALLY:
        record_property("did", dict(TALLY))


@pytest.fixture
def works(practice: Practice, state: Path) -> Iterator[Works]:
    """Return an installation with an empty audience."""
    made = settle_in(practice, state)
    with made.store:
        made.new_audience()
        yield made


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few people make many batches."""
    monkeypatch.setitem(layout.SIZES, "upsert", 3)
    monkeypatch.setitem(layout.SIZES, "untag", 2)
    monkeypatch.setitem(layout.SIZES, "archive", 2)
