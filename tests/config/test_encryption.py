"""With another encryption key everything still opens, and the former opens nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.fernet import Fernet
from keyring.backend import KeyringBackend

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.config import Office, encryption
from lib.errors import InputError, SettingsError, StateInUseError
from lib.runs import process
from lib.settings import Settings, load
from lib.store import Store, audit, box, channels, connections, consent, open_store
from lib.store.box import Box

KEY, URL = "0123456789abcdef0123456789abcdef-us6", "https://hooks.slack.test/services/T0/s3cret"


class Keys(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def ring() -> Iterator[Keys]:
    before = keyring.get_keyring()
    keyring.set_keyring(made := Keys())
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def kept(state: Path) -> Settings:
    """Return the settings of an installation with secrets of every kind."""
    settings = load(state=state, secret_key="")
    with open_store(settings) as store:
        for auth, key in (("key", KEY), ("oauth", "a-token"), ("reference", "env:MAILCHIMP_X")):
            connections.add(store, ME, name=auth, api_key=key, agreed=True, auth=auth)  # type: ignore[arg-type]
        channels.add(store, ME, name="Chat", kind="webhook", target=URL)
        channels.add(store, ME, name="Mail", kind="mail", target="ops@muster.test")
    return settings


def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setenv("MAILCHIMP_X", KEY)
    ways = [consent.passage(store, ME, name) for name in ("key", "oauth", "reference")]
    assert [way.api_key or way.token for way in ways] == [KEY, "a-token", KEY]
    return channels.target(store, channels.get(store, ME, "Chat").id) == URL


def locked(store: Store) -> list[bytes]:
    with store.read() as db:
        found = db.exec_driver_sql(
            "SELECT ciphertext FROM secrets UNION ALL SELECT ciphertext FROM channels"
        )
        return [bytes(one[0]) for one in found if one[0] is not None]


def replaced(settings: Settings, to: str) -> encryption.Replaced:
    with open_store(settings) as store:
        return encryption.replace(Office(settings, store, ME), to)


@pytest.mark.parametrize(
    ("to", "setting"),
    [
        ("file", lambda new: ""),
        ("keyring:office", lambda new: "keyring:office"),
        ("env:THE_NEW", lambda new: new),
    ],
)
def test_everything_opens_with_the_new_key_and_nothing_with_the_former(
    kept: Settings, monkeypatch: pytest.MonkeyPatch, to: str, setting: Callable[[str], str]
) -> None:
    former = Box(*box.read_keys(kept.state))
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("THE_NEW", new)
    done = replaced(kept, to)
    assert done.secrets == 4 and bool(done.setting) is (to != "file")
    after = kept.model_copy(update={"secret_key": setting(new)})
    with open_store(after) as store:
        assert opened(store, monkeypatch)
        assert len(locked(store)) == 4 and not any(map(former.opens, locked(store)))
        entry = audit.entries(store, ME)[0]
        assert (entry.verb, entry.new) == ("replaced the encryption key of", '{"secrets":4}')
        assert audit.verify(store, ME).broken_at is None
    assert (kept.state / box.KEY_FILE).exists() is (to == "file")
    assert new not in repr(done)


def test_back_into_a_file_says_that_the_setting_goes(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(kept, "keyring:office")
    done = replaced(kept.model_copy(update={"secret_key": "keyring:office"}), "file")
    assert "take it away" in done.setting
    with open_store(kept) as store:
        assert opened(store, monkeypatch)


def test_half_way_the_key_file_opens_what_either_key_locked(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (former,) = box.read_keys(kept.state)
    box.write_keys(kept.state, new := box.fresh_key(), former)
    with open_store(kept) as store:
        assert opened(store, monkeypatch)
        assert Box(new).opens(store.box.lock("x"))
        assert encryption.replace(Office(kept, store, ME), "file").secrets == 4
        assert opened(store, monkeypatch)
    (newest,) = box.read_keys(kept.state)
    assert newest not in {former, new}


@pytest.mark.parametrize("to", ["", "file:x", "env:", "env:NOTHING_THERE", "env:BAD", "env:SAME"])
def test_where_no_other_key_is_nothing_changes(
    kept: Settings, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    (former,) = box.read_keys(kept.state)
    monkeypatch.setenv("BAD", "hunter2")
    monkeypatch.setenv("SAME", former)
    with pytest.raises(InputError) as refused:
        replaced(kept, to)
    assert former not in str(refused.value) and "hunter2" not in str(refused.value)
    with open_store(kept) as store:
        assert opened(store, monkeypatch)


def test_a_secret_that_does_not_open_leaves_all_as_they_are(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(kept) as store, store.write() as db:
        other = Box(box.fresh_key()).lock("x")
        db.exec_driver_sql("UPDATE channels SET ciphertext = ? WHERE kind = 'webhook'", (other,))
    with pytest.raises(SettingsError):
        replaced(kept, "file")
    with open_store(kept) as store:
        assert consent.passage(store, ME, "key").api_key == KEY


def test_an_app_that_is_open_is_ended_first(kept: Settings) -> None:
    with process.using(kept), pytest.raises(StateInUseError, match="end both"):
        replaced(kept, "file")
