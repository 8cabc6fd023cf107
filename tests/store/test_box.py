import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.fernet import Fernet
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

from lib.access import Person
from lib.errors import SettingsError, StorageError
from lib.settings import Settings, load
from lib.store import Store, connections, consent, open_store
from lib.store.box import Box, open_box


def test_a_secret_comes_back_and_its_ciphertext_does_not_show_it() -> None:
    box = Box(Fernet.generate_key().decode())
    locked = box.lock("0123abcd-us6")
    assert b"0123abcd" not in locked
    assert box.unlock(locked) == "0123abcd-us6"


def test_the_key_file_is_made_once_even_by_many_at_once(tmp_path: Path) -> None:
    boxes: list[Box] = []
    threads = [
        threading.Thread(target=lambda: boxes.append(open_box("", tmp_path))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    locked = boxes[0].lock("x")
    assert [box.unlock(locked) for box in boxes] == ["x"] * 20
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_malformed_key_is_said_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MUSTER_SECRET_KEY") as refusal:
        open_box("hunter2", tmp_path)
    assert "hunter2" not in str(refusal.value)


def test_a_damaged_key_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("half a ke")
    with pytest.raises(StorageError, match="damaged"):
        open_box("", tmp_path)


def test_another_key_is_said_in_one_sentence(
    store: Store, settings: Settings, admin: Person
) -> None:
    made = connections.add(store, admin, name="Main", api_key="0123abcd-us6", agreed=True)
    other = load(state=settings.state, secret_key=Fernet.generate_key().decode())
    with open_store(other) as again, pytest.raises(SettingsError, match="another secret key"):
        consent.passage(again, admin, made.id)


def test_neither_the_box_nor_the_store_shows_its_key(store: Store, settings: Settings) -> None:
    key = (settings.state / "secret.key").read_text()
    assert key not in repr(store) + repr(store.box) + repr(vars(store))


class Keys(KeyringBackend):
    """A keyring in memory; it can be locked, and it can forget what it is given."""

    priority = 1

    def __init__(self, *, locked: bool = False, forgets: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked, self.forgets = locked, forgets

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgets:
            self.kept[service, username] = password


@pytest.fixture
def use() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


Use = Callable[[KeyringBackend], None]


def test_the_key_is_made_once_in_the_keyring_and_in_no_file(use: Use, tmp_path: Path) -> None:
    use(keys := Keys())
    locked = open_box("keyring:office", tmp_path).lock("x")
    assert open_box("keyring:office", tmp_path).unlock(locked) == "x"
    assert list(keys.kept) == [("muster", "office")] and not list(tmp_path.iterdir())
    with pytest.raises(SettingsError, match="another secret key"):
        open_box("keyring:", tmp_path).unlock(locked)


def test_the_key_of_a_file_moves_into_the_keyring(use: Use, tmp_path: Path) -> None:
    locked = open_box("", tmp_path).lock("x")
    former = (tmp_path / "secret.key").read_text()
    use(keys := Keys())
    assert open_box("keyring:", tmp_path).unlock(locked) == "x"
    assert keys.kept == {("muster", "default"): former} and not list(tmp_path.iterdir())


def test_a_file_with_another_key_stays(use: Use, tmp_path: Path) -> None:
    use(Keys())
    open_box("keyring:", tmp_path)
    open_box("", tmp_path)
    open_box("keyring:", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


NONE = fail.Keyring()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("backend", [NONE, Keys(locked=True), Keys(forgets=True)])
def test_a_machine_without_a_keyring_that_opens_is_told_in_one_sentence(
    use: Use, tmp_path: Path, backend: KeyringBackend
) -> None:
    open_box("", tmp_path)
    use(backend)
    with pytest.raises(SettingsError, match="keyring"):
        open_box("keyring:", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
