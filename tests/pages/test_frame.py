from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from lib.settings import ROOT
from lib.store import Store
from lib.store.tables import runs
from lib.ui.frame import pages

Visit = Callable[..., AppTest]
FILES = sorted((ROOT / "pages").rglob("*.py"))


def test_no_page_lies_where_streamlit_would_run_it_without_the_frame() -> None:
    assert list((ROOT / "pages").glob("*.py")) == []


def test_every_page_is_registered_exactly_once() -> None:
    registered = [ROOT / entry.path for entry in pages.entries()]
    assert sorted(registered) == FILES


def test_every_page_has_an_address_of_its_own() -> None:
    stems = [path.stem for path in FILES]
    assert len(stems) == len(set(stems))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "pages")))
def test_every_page_opens_on_a_fresh_installation(path: Path, visit: Visit) -> None:
    at = visit(str(path.relative_to(ROOT / "pages").with_suffix("")))
    assert at.title


@pytest.mark.parametrize("entry", pages.entries()[1:], ids=lambda entry: entry.title)
def test_a_page_is_headed_as_the_menu_calls_it(entry: pages.Entry, visit: Visit) -> None:
    at = visit(str(Path(entry.path).relative_to("pages").with_suffix("")))
    assert [title.value for title in at.title] == [entry.title]


def test_people_land_on_home(visit: Visit) -> None:
    assert any("Five steps" in header.value for header in visit().subheader)


def test_home_counts_more_runs_than_a_list_shows(visit: Visit, store: Store) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    row = {"export_id": "exp_x", "state": "done", "requested_at": at}
    with store.write() as db:
        db.execute(insert(runs), [row | {"id": f"run_{number}"} for number in range(1234)])
    told = {metric.label: metric.value for metric in visit().metric}
    assert (told["Runs done"], told["Segments"], told["Exports"]) == ("1,234", "0", "0")


def test_without_sign_in_the_frame_names_the_local_administrator(visit: Visit) -> None:
    assert any("Local administrator" in caption.value for caption in visit().sidebar.caption)


def test_a_wrong_setting_is_one_sentence_that_names_it(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_PRACTICE_PORT", "many")
    at = visit()
    assert ["MUSTER_PRACTICE_PORT" in error.value for error in at.error] == [True]
