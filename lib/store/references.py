"""References: where an API key is, when it is not kept here.

``env:MAILCHIMP_…`` an environment variable · ``secret:NAME`` in the table ``[mailchimp]`` of the
setting ``secrets_file`` · ``command:NAME`` a command of the setting ``secret_commands``. Nothing
else can be named: whoever edits connections must not read other secrets of the machine by sending
them to an address of their own, and commands are chosen by whoever runs the installation.
"""

import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.errors import InputError, SettingsError

TIMEOUT_S = 20.0
_SHAPE = re.compile(r"env:MAILCHIMP_[A-Z0-9_]+|(secret|command):[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Places:
    """Where references lead to, besides the environment."""

    commands: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Commands that print a key, by name."""
    file: Path = Path("secrets.toml")
    """A TOML file with a table ``[mailchimp]``."""


def checked(reference: str) -> str:
    """Trim a reference.

    Raises:
        InputError: it is none.
    """
    trimmed = reference.strip()
    if not _SHAPE.fullmatch(trimmed):
        raise InputError(
            "Refer to a key as env:MAILCHIMP_NAME, secret:NAME or command:NAME; the README says "
            "where each of them is looked for."
        )
    return trimmed


def read(reference: str, places: Places) -> str:
    """Fetch the key that a reference leads to; it is kept nowhere.

    Raises:
        InputError: that is no reference.
        SettingsError: there is no key where it leads, or the file cannot be read.
    """
    kind, _, name = checked(reference).partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
    elif kind == "secret":
        found = _from_file(places.file, name)
    else:
        found = _from_command(places.commands.get(name, ""), name)
    if not found.strip():
        raise SettingsError(f"There is no API key at {reference}; put it there.")
    return found.strip()


def _from_file(path: Path, name: str) -> str:
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("mailchimp", {})
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        raise SettingsError(
            f"{path} cannot be read as TOML: mend it, and let Muster read it."
        ) from None
    return str(table.get(name, "")) if isinstance(table, dict) else ""


def _from_command(command: str, name: str) -> str:
    if not command:
        raise SettingsError(f"The setting secret_commands names no command {name}; add it.")
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise SettingsError(f"The command {name} of secret_commands did not answer.") from None
    if done.returncode:
        raise SettingsError(
            f"The command {name} of secret_commands failed (status {done.returncode}); try it in a "
            "terminal."
        )
    return done.stdout
