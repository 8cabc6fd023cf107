from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.access import LOCAL_ADMINISTRATOR, Person, Role
from lib.settings import Settings, load
from lib.store import Store, open_store

ADMIN = LOCAL_ADMINISTRATOR


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(state=tmp_path / "state", store_url="", secret_key="")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as opened:
        yield opened


@pytest.fixture
def admin() -> Person:
    return LOCAL_ADMINISTRATOR


@pytest.fixture
def contributor() -> Person:
    return Person("cora@muster.test", "Cora", Role.CONTRIBUTOR)


@pytest.fixture
def viewer() -> Person:
    return Person("vera@muster.test", "Vera", Role.VIEWER)
