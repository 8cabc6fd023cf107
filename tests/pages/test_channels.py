"""The panel of who is told, as the System page draws it."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.store import Store, channels
from tests.channels.receivers import Hook

Visit = Callable[..., AppTest]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook().listening() as listening:
        yield listening


def added(at: AppTest, kind: str, name: str, target: str) -> AppTest:
    at.button(key=f"channels.new.{kind}").click().run()
    at.text_input(key="channel.name").input(name)
    at.text_input(key="channel.target").input(target)
    return at.button(key="channel.save").click().run()


def test_a_webhook_is_added_tried_switched_off_and_removed(
    visit: Visit, store: Store, administrator: Person, hook: Hook
) -> None:
    at = added(visit("admin/system"), "webhook", "Chat", hook.url)
    assert not at.exception and not at.error
    (made,) = channels.all(store, administrator)
    assert "s3cret" not in str(at)
    at.button(key=f"channels.test.{made.id}").click().run()
    assert any("200 ok" in one.value for one in at.success)
    assert "trial" in hook.said[0]
    at.button(key=f"channels.switch.{made.id}").click().run()
    assert not channels.get(store, administrator, "Chat").active
    at.button(key=f"channels.remove.{made.id}").click().run()
    at.button(key="channel.save").click().run()
    assert channels.all(store, administrator) == ()
    assert not at.exception and not at.error


def test_a_test_that_fails_shows_the_answer(visit: Visit, hook: Hook) -> None:
    hook.status, hook.answer = 404, b"no_service"
    at = added(visit("admin/system"), "webhook", "Chat", hook.url)
    next(one for one in at.button if "channels.test." in str(one.key)).click().run()
    assert ["no_service" in one.value for one in at.error] == [True]


def test_an_address_that_is_none_is_one_sentence_and_nothing_is_kept(
    visit: Visit, store: Store, administrator: Person
) -> None:
    at = added(visit("admin/system"), "mail", "Ops", "nobody")
    assert len(at.error) == 1
    assert channels.all(store, administrator) == ()


def test_mail_without_a_server_is_said(visit: Visit) -> None:
    at = added(visit("admin/system"), "mail", "Ops", "ops@muster.test")
    assert any("smtp_url" in one.value for one in at.warning)
