"""``muster worker``: the process that makes plans and carries out runs, for a server."""

from typing import Annotated

import typer

from lib import settings
from lib.cli.output import say


def worker(
    idle_exit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="End after so long without work.")
    ] = None,
) -> None:
    """Be the worker of this state directory until Ctrl+C or SIGTERM."""
    # DBOS takes a while to import, and no other command needs it.
    from lib.runs import worker as runs_worker

    chosen = settings.load()
    say(f"Worker of {chosen.state}. Ctrl+C ends it; what it was doing goes on with the next one.")
    runs_worker.serve(chosen, idle_exit_s=idle_exit)
    runs_worker.end()
