"""What runs beside the app: the worker that carries out runs, and the practice Mailchimp."""

import logging
import threading
from collections.abc import Callable

import streamlit as st

from lib.errors import MusterError
from lib.runs import process
from lib.settings import Settings
from lib.ui import practice, resources

logger = logging.getLogger(__name__)


def ensure(settings: Settings) -> None:
    """Start worker and practice Mailchimp when none is alive, without keeping the page waiting.

    The worker outlives the app on purpose: a closed browser or a restarted app stops no run.
    """
    _begun(str(settings.state.resolve()))


@st.cache_resource(show_spinner=False)
def _begun(state: str) -> tuple[threading.Thread, ...]:
    settings, store = resources.settings(), resources.store()
    works: list[Callable[[], object]] = []
    if settings.worker:
        works.append(lambda: process.ensure(settings))
    if settings.practice:
        works.append(lambda: practice.ensure(settings, store))
    threads = tuple(threading.Thread(target=_logged, args=(work,), daemon=True) for work in works)
    for thread in threads:
        thread.start()
    return threads


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except MusterError as error:
        logger.error("%s", error)
