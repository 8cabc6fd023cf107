import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from lib.access import Person
from lib.errors import SettingsError, StorageError
from lib.settings import Settings, load
from lib.store import Store, connections, open_store
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
        connections.secret(again, made.id)


def test_neither_the_box_nor_the_store_shows_its_key(store: Store, settings: Settings) -> None:
    key = (settings.state / "secret.key").read_text()
    assert key not in repr(store) + repr(store.box) + repr(vars(store))
