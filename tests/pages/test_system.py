from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.store import Store, sources
from lib.ui import health

Visit = Callable[..., AppTest]


def added(at: AppTest, name: str, place: Path, key: str = "") -> AppTest:
    at.button(key="source.new").click().run()
    at.text_input(key="source.name").input(name)
    at.text_input(key="source.place").input(str(place))
    at.text_input(key="source.key").input(key)
    return at.button(key="source.save").click().run()


def test_a_dead_worker_is_said_and_can_be_started(visit: Visit) -> None:
    at = visit("admin/system")
    assert at.metric[0].value == "not alive"
    assert not at.button(key="system.worker").disabled


def test_a_source_is_added_by_its_path(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,ada@x.no\n2,bo@x.no\n")
    at = added(visit("admin/system"), "people", file, "id")
    assert not at.exception and not at.error
    assert [one.name for one in sources.all(store, administrator)] == ["people"]
    assert list(at.dataframe[0].value["Table"]) == ["people"]


def test_a_source_that_is_not_there_is_one_sentence(
    visit: Visit, store: Store, administrator: Person, tmp_path: Path
) -> None:
    at = added(visit("admin/system"), "people", tmp_path / "nothing.csv")
    assert len(at.error) == 1
    assert sources.all(store, administrator) == ()


def test_storage_counts_what_lies_in_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "plan.parquet").write_bytes(b"12345")
    assert health.storage(tmp_path).used["runs"] == 5
