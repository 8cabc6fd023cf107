"""``muster status``: how this installation is, as the System page says it."""

from lib.cli import following, place
from lib.cli.output import Json, show
from lib.cli.schedule import here
from lib.config import Office, health, schedule
from lib.runs import process
from lib.store import plans, runs

COMING = 5
"""Next runs that are told."""


def status(as_json: Json = False) -> None:
    """Print worker, queue, next runs, storage and versions."""
    with place.office() as office:
        worker = _worker(office)
        queue = [following.record(run) for run in runs.live(office.store, office.who)]
        waiting = len(plans.ordered(office.store, office.who))
        coming = _coming(office)
        stored = health.storage(office.settings.state)
    record = {
        "state_directory": str(office.settings.state),
        "worker": worker,
        "runs_waiting_or_under_way": queue,
        "plans_waiting": waiting,
        "next_runs": coming,
        "storage": stored.used,
        "free": stored.free,
        "versions": health.versions(),
    }
    if as_json:
        show(record, as_json=True)
        return
    spoken = {name: _size(size) for name, size in stored.used.items()}
    told = {"runs_waiting_or_under_way": len(queue), "storage": spoken, "free": _size(stored.free)}
    show(record | told | {"next_runs": len(coming)}, as_json=False)
    if queue:
        show(queue, as_json=False, columns=("id", "export", "state", "sent", "total"))
    if coming:
        show(coming, as_json=False)


def _worker(office: Office) -> dict[str, object]:
    alive, said = process.alive(office.settings), process.sign_of_life(office.settings)
    return {"alive": alive, "since": here(office, said.started_at) if alive and said else None}


def _coming(office: Office) -> list[dict[str, object]]:
    due = [(one.next_run, one.export.name) for one in schedule.overview(office) if one.next_run]
    return [{"export": name, "at": here(office, at)} for at, name in sorted(due)[:COMING]]


def _size(count: int) -> str:
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.1f} {unit}"
