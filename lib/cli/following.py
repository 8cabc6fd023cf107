"""Following a plan or a run: a progress bar on a terminal, a line per phase elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lib.cli.output import people, say, show
from lib.config import Office
from lib.runs import desk, process
from lib.store.runs import Run, RunState

IDLE_EXIT_S = 60.0
"""A worker that a command started ends after so long without work."""
ALONE_S = 3.0
"""How long a run that is followed may be without a worker before one is started."""
REJECTED = 4
"""Exit status of a run that is done, with some contacts rejected."""


@contextmanager
def planning() -> Iterator[Callable[[str, float], None]]:
    """Give what to tell the phases of a plan to."""
    if not people.is_terminal:
        yield _line_per_phase()
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), console=people
    ) as bar:
        task = bar.add_task("Starting")
        yield lambda phase, share: bar.update(task, description=phase)


def _line_per_phase() -> Callable[[str, float], None]:
    told = ""

    def tell(phase: str, share: float) -> None:
        nonlocal told
        # The phase "Reading profiles (12,000)" counts up: once is enough.
        heading = phase.partition(" (")[0]
        if heading != told:
            told = heading
            say(f"{heading} …")

    return tell


def start_worker(office: Office) -> None:
    """Start a worker that ends by itself, unless one is alive.

    Raises:
        SetupError: it could not be started.
    """
    process.ensure(office.settings, idle_exit_s=IDLE_EXIT_S)


class Attendance:
    """Sees to it that a worker is there while its work is waited for."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._seen = time.monotonic()

    def see(self, *, wanted: bool = True) -> None:
        """Start a worker when none has been there for a while.

        Raises:
            SetupError: it could not be started.
        """
        if not wanted or process.alive(self._office.settings):
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > ALONE_S:
            say("No worker is there to do the work: starting one.")
            start_worker(self._office)


def watch(office: Office, run_id: str) -> Run:
    """Follow a run until it is over, with a worker that carries it out.

    Raises:
        SetupError: no worker is there, and none could be started.
    """
    try:
        return _watch(office, run_id, Attendance(office))
    except KeyboardInterrupt:
        say(f"The run goes on without this command: muster runs watch {run_id}")
        raise


def _watch(office: Office, run_id: str, attendance: Attendance) -> Run:
    if not people.is_terminal:
        phase = _line_per_phase()

        def tell(run: Run) -> None:
            attendance.see(wanted=run.live)
            phase(run.message.rstrip(".") or run.phase or run.state, -1.0)

        return desk.follow(office.store, office.who, run_id, tell, sleep=time.sleep)
    with _bar() as bar:
        task = bar.add_task("queued", total=None, pace="")

        def move(run: Run) -> None:
            attendance.see(wanted=run.live)
            bar.update(
                task,
                description=run.phase or run.state,
                total=run.total or None,
                completed=run.sent,
                pace=run.message or _pace(run),
            )

        return desk.follow(office.store, office.who, run_id, move, sleep=time.sleep)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description:<14}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
        console=people,
    )


def _pace(run: Run) -> str:
    now = datetime.now(UTC)
    left = run.seconds_left(now)
    return f"{run.rate(now):,.0f}/s" + (f", {left:,.0f} s left" if left is not None else "")


def record(run: Run) -> dict[str, object]:
    """Return a run as ``--json`` gives it."""
    return {
        "id": run.id,
        "export": run.export_name,
        "state": run.state,
        "outcomes": dict(run.outcomes),
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "requested_at": run.requested_at,
        "requested_by": run.requested_by,
        "trigger": run.trigger,
        "kind": run.kind,
        "undoes": run.undoes or None,
        "plan": run.plan_id,
        "phase": run.phase,
        "total": run.total,
        "sent": run.sent,
        "message": run.message,
        "rail": run.rail or None,
    }


def conclude(run: Run, *, as_json: bool) -> None:
    """Print how a run ended, and end the command with the status that says so."""
    show(record(run), as_json=as_json)
    rejected = run.outcomes.get("rejected", 0)
    if run.state is not RunState.DONE:
        say(f"The run is {run.state}. {run.message}".rstrip())
        raise typer.Exit(1)
    if rejected:
        say(f"Rejected: {rejected:,}. See who: muster runs rejections {run.id} --out FILE.csv")
        raise typer.Exit(REJECTED)
