"""Telling, against receivers that are really there, slow, or away, and a worker that is killed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.access import Person, Role
from lib.errors import ChannelError, ForbiddenError, SettingsError
from lib.runs import notices as telling
from lib.runs import process
from lib.settings import Settings, load
from lib.store import Store, channels, exports, notices, open_store, progress
from lib.store.notices import Notice
from lib.store.runs import RunState
from tests.channels.receivers import Hook, MailBox, free_port, until
from tests.runs.conftest import Company
from tests.store.conftest import World

REASON = "The key of somebody@post.no does not work."


@pytest.fixture
def settings(state: Path) -> Settings:
    return load(
        state=state,
        mail_from="muster@muster.test",
        public_url="https://muster.test",
        time_zone="Europe/Oslo",
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as opened:
        yield opened


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    made.export()
    return made


def end(world: World, state: RunState, message: str = "") -> None:
    """End a run of the export as a worker does."""
    plan = world.approved(exports.get(world.store, ME, "Weekly"))
    run = progress.request(world.store, ME, plan.id)
    progress.begin(world.store, run.id)
    progress.settle(world.store, run.id, {"added": 900})
    progress.finish(world.store, run.id, state, message)


def hooked(world: World, hook: Hook, name: str = "Chat") -> None:
    channels.add(world.store, ME, name=name, kind="webhook", target=hook.url)


def log_of(store: Store) -> list[Notice]:
    return list(reversed(notices.log(store, ME)))


@contextmanager
def told(world: World, settings: Settings) -> Iterator[None]:
    with telling.watch(world.store, settings, every_s=0.02):
        yield


def test_a_failure_and_the_recovery_reach_a_webhook_and_a_mailbox(
    world: World, settings: Settings
) -> None:
    box = MailBox()
    with Hook().listening() as hook, box.listening() as smtp_url:
        hooked(world, hook)
        channels.add(world.store, ME, name="Ops", kind="mail", target="ops@muster.test")
        with told(world, settings.model_copy(update={"smtp_url": smtp_url})):
            end(world, RunState.FAILED, REASON)
            until(lambda: len(hook.said) == len(box.letters) == 1)
            end(world, RunState.DONE)
            until(lambda: len(hook.said) == len(box.letters) == 2)
    assert "Failed: Weekly" in hook.said[0] and "900 added" in hook.said[0]
    assert "CET" in hook.said[0] or "CEST" in hook.said[0]
    assert "https://muster.test/runs?run=run_" in hook.said[0]
    assert "Recovered: Weekly" in hook.said[1]
    assert [letter["Subject"].split(": ")[1] for letter in box.letters] == ["Failed", "Recovered"]
    assert not any("@" in text for text in hook.said)
    assert all(one.sent_at and one.attempts == 1 and not one.error for one in log_of(world.store))


def test_a_slow_receiver_holds_up_no_other(world: World, settings: Settings) -> None:
    with Hook(delay_s=3).listening() as slow, Hook().listening() as quick:
        hooked(world, slow, "A slow one")
        hooked(world, quick, "Quick")
        with told(world, settings):
            end(world, RunState.FAILED, REASON)
            until(lambda: len(quick.said) == 1, within_s=2)
            end(world, RunState.DONE)
            until(lambda: len(quick.said) == 2, within_s=2)
            assert slow.said == []


def test_a_receiver_that_was_away_is_told_once_it_is_back_and_in_order(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_FIRST", timedelta(milliseconds=50))
    hook = Hook(port=free_port())
    hooked(world, hook)
    with told(world, settings):
        end(world, RunState.FAILED, REASON)
        until(lambda: log_of(world.store)[:1] != [] and log_of(world.store)[0].attempts >= 2)
        end(world, RunState.DONE)
        assert "cannot be reached" in log_of(world.store)[0].error
        with hook.listening():
            until(lambda: len(hook.said) == 2)
    assert ["Failed" in hook.said[0], "Recovered" in hook.said[1]] == [True, True]
    until(lambda: all(one.sent_at and not one.error for one in log_of(world.store)))


def test_after_a_day_it_is_given_up_and_the_reason_stays(world: World, settings: Settings) -> None:
    hooked(world, Hook(port=free_port()))
    end(world, RunState.FAILED, REASON)
    notices.settle(world.store)
    begun = now = datetime.now(UTC)
    world.store.clock = lambda: now
    while waiting := notices.due(world.store, now):
        telling.deliver(world.store, settings, waiting[0])
        now += timedelta(minutes=1)
        while not notices.due(world.store, now) and now < begun + timedelta(days=3):
            now += timedelta(minutes=5)
    (one,) = log_of(world.store)
    assert (one.sent_at, one.next_at) == (None, None)
    assert "cannot be reached" in one.error
    assert 20 < one.attempts < 35


def test_pauses_grow_to_an_hour() -> None:
    seconds = [telling.pause(attempts).total_seconds() for attempts in range(1, 9)]
    assert seconds == [15, 45, 135, 405, 1215, 3600, 3600, 3600]
    assert telling.pause(10_000) == timedelta(hours=1)


def test_mail_without_settings_waits_and_says_which(world: World, settings: Settings) -> None:
    channels.add(world.store, ME, name="Ops", kind="mail", target="ops@muster.test")
    end(world, RunState.FAILED)
    notices.settle(world.store)
    assert not telling.deliver(world.store, settings, log_of(world.store)[0])
    assert "MUSTER_SMTP_URL" in log_of(world.store)[0].error


def test_no_address_and_no_url_is_logged(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Hook(status=500, answer=b"ops@muster.test").listening() as hook:
        hooked(world, hook)
        channels.add(world.store, ME, name="Ops", kind="mail", target="ops@muster.test")
        refusing = MailBox(refuse="550 ops@muster.test is nobody")
        with (
            refusing.listening() as smtp_url,
            told(world, settings.model_copy(update={"smtp_url": smtp_url})),
        ):
            end(world, RunState.FAILED, REASON)
            until(lambda: all(one.error for one in log_of(world.store)) and hook.asked > 0)
    own = [record for record in caplog.records if record.name != "mail.log"]  # aiosmtpd's
    said = [record.getMessage() for record in own]
    assert not [line for line in said if "@" in line or "s3cret" in line]
    assert not [one.error for one in log_of(world.store) if "@" in one.error]


def test_a_channel_can_be_tried_by_whoever_may_change_it(world: World, settings: Settings) -> None:
    with Hook().listening() as hook:
        hooked(world, hook)
        assert telling.test(world.store, settings, ME, "Chat") == "200 ok"
        assert "trial" in hook.said[0]
        hook.status, hook.answer = 404, b"no_service"
        with pytest.raises(ChannelError, match="no_service"):
            telling.test(world.store, settings, ME, "Chat")
        with pytest.raises(ForbiddenError):
            other = Person("cora@muster.test", "Cora", Role.CONTRIBUTOR)
            telling.test(world.store, settings, other, "Chat")
    channels.add(world.store, ME, name="Ops", kind="mail", target="ops@muster.test")
    with pytest.raises(SettingsError, match="MUSTER_SMTP_URL"):
        telling.test(world.store, settings, ME, "Ops")


def kill(settings: Settings) -> None:
    company = Company(settings, None, None)  # type: ignore[arg-type]
    company.kill_worker()


def test_a_worker_killed_between_a_change_and_its_delivery_tells_it_once(
    world: World, settings: Settings
) -> None:
    hook = Hook(port=free_port())
    hooked(world, hook)
    process.ensure(settings)
    end(world, RunState.FAILED, REASON)
    until(lambda: any(one.attempts for one in log_of(world.store)))
    kill(settings)
    end(world, RunState.DONE)  # nobody looks while there is no worker
    try:
        with hook.listening():
            process.ensure(settings)
            until(lambda: all(one.sent_at for one in log_of(world.store)) and len(hook.said) == 2)
    finally:
        kill(settings)
    assert ["Failed" in hook.said[0], "Recovered" in hook.said[1]] == [True, True]
    assert [one.event for one in log_of(world.store)] == ["failed", "recovered"]


def test_what_a_push_gives_to_tell_is_told_by_its_worker(company: Company) -> None:
    with Hook().listening() as hook:
        hooked(World(company.store), hook)
        company.admin("faults", faults=["reject-address=0.2"])
        company.work()
        company.export("Few", "select profile_id from profiles where profile_id < 100")
        rejected = company.end(company.start("Few").id).outcomes["rejected"]
        until(lambda: len(hook.said) == 1)
        company.admin("faults", faults=[])
        company.end(company.start("Few").id)
        until(lambda: len(hook.said) == 2)
    assert "Contacts rejected: Few" in hook.said[0] and f"{rejected} rejected" in hook.said[0]
    assert "Recovered: Few" in hook.said[1]
