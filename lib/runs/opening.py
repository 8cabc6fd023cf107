"""Opening what long work needs: the warehouse over the sources, and the client of a connection."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from lib.access import Person
from lib.errors import CancelledError
from lib.mailchimp.budget import Budget
from lib.mailchimp.client import Mailchimp, connect
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.retries import Patience
from lib.settings import Settings
from lib.sources import Source
from lib.store import consent
from lib.store import sources as kept
from lib.store.database import Store
from lib.warehouse import copies, sample
from lib.warehouse.isolated import IsolatedWarehouse, open_isolated

MEMORY = "700MB"
"""What the warehouse of a worker may hold; beyond it, it spills to disk."""
LONG_S = 3_600.0
"""Longest the warehouse may take to answer, or to bring the next members, in seconds."""
LOOK_S = 0.5
"""How often to look whether somebody gave up what is waited for, in seconds."""


def sources(store: Store, settings: Settings, who: Person) -> tuple[Source, ...]:
    """Return what the warehouse reads: what was added, or else the sample company.

    What was converted and has changed since is converted anew first.
    """
    added = kept.all(store, who)
    for source in added:
        copies.renew(source)
    if added or not settings.use_sample:
        return added
    return sample.make(settings.sample, settings.sample_profiles)


@contextmanager
def warehouse(
    store: Store, settings: Settings, who: Person, cancelled: Callable[[], bool]
) -> Iterator[IsolatedWarehouse]:
    """Open the warehouse for long work in a process that can be killed, whatever a segment does.

    Args:
        store: where the sources stand.
        settings: of this installation.
        who: may read them.
        cancelled: asked now and then from another thread; True ends whatever is asked for.

    Raises:
        SourceError: a source cannot be read.
        StorageError: there is no room to spill.
        CancelledError: ``cancelled`` said so.
    """
    found = open_isolated(
        sources(store, settings, who),
        directory=settings.state / "warehouse",
        memory=MEMORY,
        timeout_s=LONG_S,
        time_zone=settings.time_zone,
    )
    over = Event()
    with found, ThreadPoolExecutor(1, thread_name_prefix="given-up") as pool:
        pool.submit(_close_when, cancelled, found, over)
        try:
            yield found
        finally:
            over.set()


def _close_when(cancelled: Callable[[], bool], found: IsolatedWarehouse, over: Event) -> None:
    while not over.wait(LOOK_S):
        if cancelled():
            found.close()
            return


def attentive(cancelled: Callable[[], bool]) -> Patience:
    """Return the usual patience, which ends while it waits once ``cancelled`` says so.

    The client then raises CancelledError.
    """

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if cancelled():
                raise CancelledError("It was cancelled while Mailchimp was being waited for.")
            time.sleep(min(left, LOOK_S))

    return Patience(sleep=sleep)


def mailchimp(
    store: Store,
    settings: Settings,
    who: Person,
    connection_id: str,
    *,
    patience: Patience | None = None,
) -> Mailchimp:
    """Make a client for a connection, within the account's budget of connections; close it.

    Raises:
        ForbiddenError: the person may not use the connection.
        RefusedError: consent was withdrawn.
        CredentialsError: key and address lead nowhere.
    """
    way = consent.passage(store, who, connection_id)
    account = way.account_id or way.api_key or way.token
    return connect(
        Credentials(way.api_url, way.api_key, way.token),
        budget=Budget.shared(settings.state, account),
        patience=patience,
    )
