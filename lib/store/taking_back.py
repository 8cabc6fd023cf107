"""Which runs can be taken back or resumed, and that none is taken back twice at once."""

from sqlalchemy import Connection as Db
from sqlalchemy import select

from lib.errors import InUseError, RefusedError
from lib.store import runs
from lib.store.export_record import Export
from lib.store.runs import Run, RunState
from lib.store.tables import LIVE, plans
from lib.store.tables import runs as table


def require_undoable(db: Db, run_id: str, export: Export) -> None:
    """Let pass a run of the export that is over and that nobody takes back already.

    Raises:
        NotFoundError: no such run.
        InUseError: it is not over, or it is being taken back.
        RefusedError: it is an undo itself, it was taken back before, or it went to another audience
            than the export goes to now.
    """
    run = runs.find(db, run_id)
    if run.kind == "undo":
        raise RefusedError("This run is an undo itself: to get its changes again, run the export.")
    if run.live:
        raise InUseError("This run is not over: cancel it, or wait for it to end.")
    require_same_way(run, export)
    require_not_undone(db, run_id)
    making = select(plans.c.id).where(plans.c.undoes == run_id, plans.c.state == "making")
    if db.scalar(making.limit(1)) is not None:
        raise InUseError("An undo of this run is being planned already: wait for it.")


def require_same_way(run: Run, export: Export) -> None:
    """Let pass a run that went where its export goes now; the rights to the export then cover it.

    Raises:
        RefusedError: it went to another audience or over another connection, or to none.
    """
    there = (run.connection_id, run.audience_id)
    if run.connection_id is None or there != (export.connection_id, export.audience_id):
        raise RefusedError(
            f"The export “{export.name}” goes to another account or audience now than this run"
            " did: set it back first."
        )


def require_not_undone(db: Db, run_id: str) -> None:
    """Let pass a run of which no undo is done or under way.

    Raises:
        InUseError: it is being taken back.
        RefusedError: it was taken back.
    """
    query = select(table.c.id, table.c.state).where(table.c.undoes == run_id)
    states = {str(row.state): str(row.id) for row in db.execute(query)}
    for state in LIVE:
        if state in states:
            raise InUseError(f"This run is being undone already, by the run {states[state]}.")
    if RunState.DONE in states:
        raise RefusedError(f"This run was undone already, by the run {states[RunState.DONE]}.")
