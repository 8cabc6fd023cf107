"""A practice Mailchimp that was started beside an app goes when the app has gone."""

import fcntl
import subprocess
import sys
import time
from pathlib import Path


def start(directory: Path, *options: str) -> subprocess.Popen[bytes]:
    ready = directory / "ready.json"
    command = [sys.executable, "-m", "lib.practice", "--ready-file", str(ready), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def test_it_stays_while_somebody_holds_the_file_and_ends_cleanly_afterwards(
    tmp_path: Path,
) -> None:
    needed = tmp_path / "use.lock"
    with needed.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        process = start(tmp_path, "--while-held", str(needed), "--grace", "0.4")
        time.sleep(1.2)
        assert process.poll() is None
    assert process.wait(10) == 0
