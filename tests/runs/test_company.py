"""A worker that an app started stays as long as the app, and a while longer."""

import time

from lib.runs import process
from lib.settings import Settings


def test_an_open_app_is_seen_until_it_closes(settings: Settings) -> None:
    assert not process.attended(settings)
    signs = process.attend(settings)
    assert process.attended(settings)
    for sign in signs:
        sign.close()
    assert not process.attended(settings)


def test_an_idle_worker_stays_while_an_app_is_open_and_then_ends(settings: Settings) -> None:
    signs = process.attend(settings)
    process.ensure(settings, idle_exit_s=0.5)
    time.sleep(2)
    assert process.alive(settings)
    for sign in signs:
        sign.close()
    deadline = time.monotonic() + 20
    while process.held(settings) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not process.held(settings)
