"""What is opened once and shared by all sessions: settings, store, warehouse."""

import streamlit as st

from lib import settings as settings_module
from lib.access import LOCAL_ADMINISTRATOR
from lib.runs import opening
from lib.settings import Settings
from lib.sources import Source
from lib.store import Store, open_store
from lib.store import sources as kept_sources
from lib.ui import origin
from lib.warehouse import process
from lib.warehouse.isolated import IsolatedWarehouse, open_isolated


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings this process was started with."""
    return settings_module.load()


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the open store; the process for queries starts meanwhile."""
    process.current()
    return open_store(settings(), origin=origin.whence)


def sources() -> tuple[Source, ...]:
    """Return what the warehouse reads: what was added, or else the sample company."""
    return opening.sources(store(), settings(), LOCAL_ADMINISTRATOR)


def uses_sample() -> bool:
    """Say whether the warehouse stands on the sample company."""
    return settings().use_sample and not kept_sources.all(store(), LOCAL_ADMINISTRATOR)


def warehouse() -> IsolatedWarehouse:
    """Return the open warehouse over the sources of this moment."""
    return _opened(sources())


@st.cache_resource(show_spinner=False, max_entries=2)
def _opened(of: tuple[Source, ...]) -> IsolatedWarehouse:
    chosen = settings()
    return open_isolated(
        of,
        directory=chosen.state / "warehouse",
        memory=chosen.query_memory,
        timeout_s=chosen.query_timeout_s,
        time_zone=chosen.time_zone,
    )
