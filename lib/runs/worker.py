"""The worker: fires what is due, and carries out what is ordered in the store, durably.

The only code that knows DBOS. A row in the store is the order; the worker looks for orders and
makes each a DBOS workflow of a few coarse steps. Whoever orders needs neither DBOS nor its
database, and an order that was committed cannot be lost. Killed with -9 and started again, the
worker goes on with the step it was in; what a push has already sent stands in the store's journal.
"""

import argparse
import logging
import logging.handlers
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from lib.errors import MusterError
from lib.runs import attempts, heartbeat, notices, orders, process, stages
from lib.runs.keeping import retention
from lib.runs.plan import holding
from lib.runs.stages import Shop
from lib.settings import Settings, load
from lib.store import firings
from lib.store.database import Store, open_store

log = logging.getLogger(__name__)

VERSION = "1"
"""Of the workflows below: raise it when their steps change, so that old ones are not replayed."""
LOOK_S = 0.2
"""How often the worker looks for orders."""
SWEEP_S = 86_400.0
"""How often what is kept no longer is removed."""
CLOSE_S = 20
"""How long a worker that is told to end waits for the batches under way."""
_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]


class _Here:
    """What the workflows of this process work with; there is one worker in a process."""

    shop: Shop
    closing = threading.Event()


@DBOS.step(name="plan")
def _plan_step(plan_id: str) -> bool:
    return stages.plan(_Here.shop, plan_id)


@DBOS.step(name="decide")
def _decide_step(plan_id: str) -> None:
    attempts.decide(_Here.shop.store, _Here.shop.settings, plan_id)


@DBOS.step(name="check")
def _check_step(run_id: str) -> bool:
    return stages.check(_Here.shop, run_id)


@DBOS.step(name="send")
def _send_step(run_id: str) -> bool:
    return stages.send(_Here.shop, run_id)


@DBOS.step(name="read back")
def _read_back_step(run_id: str) -> bool:
    return stages.read_back(_Here.shop, run_id)


@DBOS.workflow(name="plan", max_recovery_attempts=None)
def _plan_workflow(plan_id: str) -> None:
    _plan_step(plan_id)
    # A step at the end of workflows that an older version began is begun by the newer one.
    _decide_step(plan_id)


@DBOS.workflow(name="run", max_recovery_attempts=None)
def _run_workflow(run_id: str) -> None:
    _ = _check_step(run_id) and _send_step(run_id) and _read_back_step(run_id)


def serve(settings: Settings, *, idle_exit_s: float | None = None) -> None:
    """Be the worker of this state directory until SIGTERM, SIGINT or idleness.

    Args:
        settings: of this installation.
        idle_exit_s: end after so long without work and without an open app; None stays.

    Raises:
        StateInUseError: another worker holds the state directory.
        StorageError: the state directory cannot be written.
    """
    with (
        process.hold(settings),
        process.using(settings),
        open_store(settings, origin="worker") as store,
    ):
        _Here.shop = Shop(store, settings, _Here.closing.is_set)
        _on_signals(_Here.closing)
        with (
            _dbos(settings),
            heartbeat.beating(settings),
            attempts.watch(store, settings),
            notices.watch(store, settings),
        ):
            _take_orders(store, settings, idle_exit_s, time.monotonic)
        _Here.closing.clear()


def close() -> None:
    """Tell the worker of this process to end, as SIGTERM does."""
    _Here.closing.set()


def _take_orders(
    store: Store, settings: Settings, idle_exit_s: float | None, clock: Callable[[], float]
) -> None:
    taken = orders.unfinished(store)
    busy_at = sweep_at = clock()
    while not _Here.closing.is_set():
        for order in taken:
            _enqueue(order)
        if taken or process.attended(settings) or _active():
            busy_at = clock()
        if idle_exit_s is not None and clock() - busy_at > idle_exit_s:
            return
        if clock() >= sweep_at:
            sweep_at = clock() + SWEEP_S
            _sweep(store, settings)
        _Here.closing.wait(LOOK_S)
        holding.give_up_orphans(store, _Here.shop.settings)
        taken = orders.waiting(store)


def _sweep(store: Store, settings: Settings) -> None:
    """Remove what is kept no longer; a failure waits for tomorrow, as runs matter more."""
    try:
        firings.forget(store, datetime.now(UTC) - attempts.KEPT)
        swept = retention.sweep(store, settings, orders.WORKER, now=datetime.now(UTC))
    except MusterError as error:
        log.warning("Nothing old was removed: %s", error)
    else:
        log.info("Removed what is kept no longer: %s.", swept)


def _enqueue(order: orders.Order) -> None:
    """Make the order a workflow, unless one is active on it."""
    before = DBOS.list_workflows(workflow_id_prefix=f"{order.id}-", load_input=False)
    if any(flow.status in _ACTIVE for flow in before):
        return
    log.info("Taking order %s.", order.id)
    with SetWorkflowID(f"{order.id}-{len(before)}"):
        if order.plan_only:
            DBOS.enqueue_workflow("plans", _plan_workflow, order.plan_id)
        else:
            with SetEnqueueOptions(queue_partition_key=order.audience):
                DBOS.enqueue_workflow("runs", _run_workflow, order.run_id)


def _active() -> bool:
    return bool(DBOS.list_workflows(status=_ACTIVE, limit=1, load_input=False))


@contextmanager
def _dbos(settings: Settings) -> Iterator[None]:
    # Its own console handler comes only where none is, and its hints would fill the log.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    DBOS(config=_config(settings))
    DBOS.launch()
    # Runs on one audience go one after the other, whatever export they belong to.
    DBOS.register_queue("runs", partition_concurrency=1, polling_interval_sec=LOOK_S)
    DBOS.register_queue("plans", global_concurrency=1, polling_interval_sec=LOOK_S)
    try:
        yield
    finally:
        _Here.closing.set()
        _wait_for_batches(time.monotonic() + CLOSE_S)
        DBOS.destroy(workflow_completion_timeout_sec=0)


def _wait_for_batches(deadline: float) -> None:
    while time.monotonic() < deadline and DBOS.list_workflows(status="PENDING", load_input=False):
        time.sleep(0.05)


def _config(settings: Settings) -> DBOSConfig:
    own = f"sqlite:///{(settings.state / 'worker.sqlite').resolve()}"
    return DBOSConfig(
        name="muster",
        system_database_url=settings.store_url or own,
        application_version=VERSION,
        executor_id=_executor(settings),
        log_level="ERROR",
        enable_otlp=False,
        notification_listener_polling_interval_sec=1.0,
        scheduler_polling_interval_sec=30.0,
    )


def _executor(settings: Settings) -> str:
    """Name this state directory, so that a worker takes up only what its predecessor left."""
    path = settings.state / "worker.id"
    if not path.exists():
        path.write_text(uuid4().hex, "utf-8")
    return path.read_text("utf-8").strip()


def _on_signals(closing: threading.Event) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: closing.set())


def _log_to(path: Path) -> None:
    """Keep a small log in the state directory; it never holds an address or a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def end() -> NoReturn:
    """End this process: DBOS leaves threads that would hold it; the journal is complete by now."""
    logging.shutdown()
    os._exit(0)


def main() -> None:
    """Be a worker that somebody else started: ``python -m lib.runs.worker``."""
    parser = argparse.ArgumentParser(prog="lib.runs.worker")
    parser.add_argument("--idle-exit", type=float, default=None)
    settings = load()
    _log_to(settings.state / "worker.log")
    try:
        serve(settings, idle_exit_s=parser.parse_args().idle_exit)
    except MusterError as error:
        log.error("%s", error)
        raise SystemExit(error.exit_status) from None
    end()


if __name__ == "__main__":
    main()
