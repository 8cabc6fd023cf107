"""The warehouse never changes under what is saved without anybody being told."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.config import Office, warehouse
from lib.contacts.matching import Matching
from lib.errors import InUseError
from lib.settings import Settings
from lib.store import exports, open_store, segments, sources


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    """Return an office that may use the sample company."""
    with open_store(settings) as store:
        yield Office(settings, store, ME)


def a_table(folder: Path, name: str) -> str:
    file = folder / f"{name}.parquet"
    pl.DataFrame({"id": [1, 2], "email": ["ada@x.no", "bo@x.no"]}).write_parquet(file)
    return str(file)


def save(office: Office) -> None:
    """Save two segments, and an export of one of them."""
    segments.add(office.store, ME, name="All", sql="select id from people")
    segments.add(office.store, ME, name="Some", sql="select id from people where id < 2")
    exports.add(office.store, ME, name="News", connection="", audience_id="a", segments=["All"],
                matching=Matching("email"))  # fmt: skip


def test_the_last_source_stays_while_segments_and_exports_stand_on_it(
    office: Office, tmp_path: Path
) -> None:
    warehouse.add_source(office, "people", a_table(tmp_path, "people"), "id")
    csv = tmp_path / "orders.csv"
    csv.write_text("id,total\n1,5\n", "utf-8")
    copy = Path(warehouse.add_source(office, "orders", str(csv)).location)
    save(office)
    warehouse.remove_source(office, "people")
    with pytest.raises(InUseError, match="segments: 2, exports: 1"):
        warehouse.remove_source(office, "Orders")
    assert [one.name for one in warehouse.sources(office)] == ["orders"]
    assert copy.exists(), "what is refused deletes nothing"

    warehouse.add_source(office, "people", a_table(tmp_path, "people"), "id")
    warehouse.remove_source(office, "orders")
    exports.remove(office.store, ME, "News")
    segments.remove(office.store, ME, "All")
    segments.remove(office.store, ME, "Some")
    warehouse.remove_source(office, "people")
    assert sources.all(office.store, ME) == ()


def test_a_first_source_is_added_whatever_was_saved_over_the_sample(
    office: Office, tmp_path: Path
) -> None:
    save(office)
    warehouse.add_source(office, "people", a_table(tmp_path, "people"), "id")
    assert [one.name for one in warehouse.sources(office)] == ["people"]
