"""What runs beside the app: the worker that carries out runs, and the practice Mailchimp."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import streamlit as st

from lib.errors import MusterError
from lib.runs import process
from lib.settings import Settings
from lib.ui import practice, resources

logger = logging.getLogger(__name__)

IDLE_EXIT_S = 60.0
"""How long the worker stays without work once no app is open, in seconds."""

HEAD_START_S = 2.5
"""The first page is drawn before two more Pythons start up beside it, in seconds."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is kept for as long as the app lives."""

    signs: tuple[IO[bytes], ...]
    """Open files whose locks tell worker and practice that an app is there."""
    threads: tuple[threading.Thread, ...]


def ensure(settings: Settings) -> None:
    """Start worker and practice Mailchimp when none is alive, without keeping the page waiting.

    The sample company has to be there: the practice begins with some of its customers.

    The worker outlives the app on purpose: a closed browser or a restarted app stops no run. Both
    end by themselves some time after the app has gone and there is nothing left to do.
    """
    _begun(str(settings.state.resolve()))


@st.cache_resource(show_spinner=False)
def _begun(state: str) -> Begun:
    settings, store = resources.settings(), resources.store()
    signs = process.attend(settings)
    works: list[Callable[[], object]] = []
    if settings.worker:
        works.append(lambda: process.ensure(settings, idle_exit_s=IDLE_EXIT_S))
    if settings.practice:
        works.append(lambda: practice.ensure(settings, store))
    threads = tuple(threading.Timer(HEAD_START_S, _logged, (work,)) for work in works)
    for thread in threads:
        thread.daemon = True
        thread.start()
    return Begun(signs, threads)


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except MusterError as error:
        logger.error("%s", error)
