"""How an installation is: what its state directory holds, and which programs it runs on."""

import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PARTS = ("snapshots", "runs", "warehouse", "practice")
"""Folders of the state directory that grow."""
_PROGRAMS = ("muster", "streamlit", "duckdb", "polars", "pyarrow", "dbos", "mailchimp-marketing")


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes by what they are for, and what is left."""

    used: dict[str, int]
    free: int


def storage(state: Path) -> Storage:
    """Add up the files of the state directory, symlinks not followed."""
    used = {name: _size(state / name) for name in _PARTS}
    used["store"] = sum(file.stat().st_size for file in state.glob("*.*") if file.is_file())
    return Storage(used, shutil.disk_usage(state).free)


def versions() -> dict[str, str]:
    """Return the versions of what matters when something goes wrong."""
    found = {"python": platform.python_version()}
    for name in _PROGRAMS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
