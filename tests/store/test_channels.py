from pathlib import Path

import pytest

from lib.access import Person
from lib.errors import InputError, NameTakenError, NotFoundError, SettingsError
from lib.settings import Settings
from lib.store import Store, audit, channels, open_store

URL = "https://hooks.slack.test/services/T0/B0/s3cretToken"


def hook(store: Store, admin: Person, name: str = "Ops") -> channels.Channel:
    return channels.add(store, admin, name=name, kind="webhook", target=URL)


def everything_on_disk(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in Path(settings.state).glob("store.db*"))


def test_a_webhooks_url_shows_nowhere_and_comes_back_for_the_worker(
    store: Store, settings: Settings, admin: Person
) -> None:
    made = hook(store, admin)
    assert made.address == "https://hooks.slack.test/…"
    assert channels.target(store, made.id) == URL
    assert b"s3cretToken" not in everything_on_disk(settings)
    assert "s3cret" not in str(audit.entries(store, admin))


def test_a_removed_url_is_gone_from_the_store(
    store: Store, settings: Settings, admin: Person
) -> None:
    made = hook(store, admin)
    channels.aim(store, admin, "Ops", f"{URL}Too")
    assert channels.target(store, made.id) == f"{URL}Too"
    with store.read() as db:
        locked = db.exec_driver_sql("select ciphertext from channels").scalar()
    assert isinstance(locked, bytes)
    channels.remove(store, admin, "Ops")
    assert locked not in everything_on_disk(settings)
    with pytest.raises(NotFoundError):
        channels.target(store, made.id)


def test_a_mail_address_is_kept_as_it_is(store: Store, admin: Person) -> None:
    made = channels.add(store, admin, name="Ops", kind="mail", target=" ops@muster.test ")
    assert made.address == channels.target(store, made.id) == "ops@muster.test"


@pytest.mark.parametrize("target", ["", "ops", "a@b c", "a@b, c@d", "a@b\nBcc: x@y", "<a@b>"])
def test_what_is_no_single_address_is_refused(store: Store, admin: Person, target: str) -> None:
    with pytest.raises(InputError, match="one mail address"):
        channels.add(store, admin, name="Ops", kind="mail", target=target)


@pytest.mark.parametrize("target", ["", "ftp://x/y", "hooks.slack.test/x", "https://", "http://[x"])
def test_what_is_no_url_is_refused(store: Store, admin: Person, target: str) -> None:
    with pytest.raises(InputError, match="https://"):
        channels.add(store, admin, name="Ops", kind="webhook", target=target)


def test_no_two_channels_have_one_name(store: Store, admin: Person) -> None:
    hook(store, admin)
    with pytest.raises(NameTakenError, match="channel"):
        hook(store, admin, "OPS")


def test_another_secret_key_is_said_in_words_of_a_channel(
    store: Store, settings: Settings, admin: Person
) -> None:
    made = hook(store, admin)
    other = settings.model_copy(update={"secret_key": "A" * 43 + "="})
    with open_store(other) as opened, pytest.raises(SettingsError, match="webhook"):
        channels.target(opened, made.id)
