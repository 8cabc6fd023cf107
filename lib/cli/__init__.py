"""The ``muster`` command: everything a page can do, for cron, CI and configuration as code.

Exit status: 0 done · 1 failed · 2 wrong use · 3 refused by a limit or a rule · 4 done, some
contacts rejected. stdout is data, stderr is for people. No traceback reaches anybody: an error
of ours is its one sentence; anything else is an incident number, and the log has the rest.
"""

from lib.cli.main import main

__all__ = ["main"]
