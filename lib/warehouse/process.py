"""The child process that queries run in: one for this process, started early, killed when need be.

All warehouses of a process share it. It knows nothing between two questions that it could not be
told again, so a new one takes the place of one that was killed.
"""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from lib.errors import SetupError
from lib.warehouse.wire import Head, send

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""What the child sees of the environment: no key, no password, whoever set it."""


class Process:
    """One child process; safe to use from any thread."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._asked = 0
        self._ready = False
        self._killed = False
        self._control, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "lib.warehouse.child", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(),
                pass_fds=[theirs.fileno()],
                # Ctrl+C in the terminal is for the parent, which then ends its child.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Return its number."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Say whether it still runs."""
        return not self._killed and self._popen.poll() is None

    def ask(self, request: Head) -> tuple[int, socket.socket]:
        """Send a question; return its number, and the line that the answer comes on.

        Raises:
            OSError: the process has ended.
            SetupError: it could not start.
        """
        mine, theirs = socket.socketpair()
        with theirs, self._turn:
            self._wait_until_ready()
            socket.send_fds(self._control, [b"?"], [theirs.fileno()])
            self._asked += 1
            number = self._asked
        send(mine, request)
        return number, mine

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        if self._control.recv(1) != b"+":
            if self._killed:
                raise ConnectionError
            raise SetupError("The process for queries cannot start; look into the log.")
        self._ready = True

    def kill(self) -> None:
        """End it at once, whatever it is doing; what it was asked stays without an answer."""
        self._killed = True
        self._popen.kill()
        self._popen.wait()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # Arrow's own pool takes a GB of addresses beforehand, which would count as memory in use.
    pool = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
    return {**kept, **pool, "PYTHONPATH": os.pathsep.join(path)}


_TURN: Final = threading.Lock()
_CURRENT: dict[int, Process] = {}


def is_running() -> bool:
    """Say whether this process has a living child, without starting one."""
    with _TURN:
        process = _CURRENT.get(os.getpid())
        return process is not None and process.alive


def current() -> Process:
    """Return the living child of this process, started when there is none.

    Call it early to have it ready when the first question comes; it does not wait.
    """
    mine = os.getpid()
    with _TURN:
        process = _CURRENT.get(mine)
        if process is None or not process.alive:
            process = _CURRENT[mine] = Process()
        return process


def retire(process: Process) -> None:
    """Ask this process nothing more; it answers what it was asked, and ends by itself."""
    with _TURN:
        if _CURRENT.get(os.getpid()) is process:
            del _CURRENT[os.getpid()]
