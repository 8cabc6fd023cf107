"""The heartbeat of a worker: its sign of life, once a second, from a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from lib.runs import process
from lib.settings import Settings


@contextmanager
def beating(settings: Settings) -> Iterator[None]:
    """Show for the length of the block that the worker of this process lives and takes work."""
    started_at, over = datetime.now(UTC), threading.Event()

    def beat() -> None:
        process.show_life(settings, started_at, ready=True)
        while not over.wait(1.0):
            process.show_life(settings, started_at, ready=True)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
