"""What every command has in common, and how an installation says that it is."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import typer

from lib.cli.root import app
from tests.cli.conftest import Muster

SILENT = {"practice", "worker", "export-config"}
"""Commands that print no data, or whose data are a file."""


def commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - click's
    for part, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {part}".strip())
    if not hasattr(command, "commands"):
        yield name, command


def test_every_command_can_print_json() -> None:
    lacking = {
        name
        for name, command in commands(typer.main.get_command(app))
        if not any("--json" in option.opts for option in command.params)
    }
    assert lacking == SILENT


def test_an_installation_says_how_it_is(muster: Muster) -> None:
    muster("schedule", "set", "@daily")
    said = muster("status", "--json")
    assert said.status == 0, said.err
    assert said.data["worker"] == {"alive": False, "since": None}
    assert (said.data["runs_waiting_or_under_way"], said.data["plans_waiting"]) == ([], 0)
    assert said.data["storage"]["store"] > 0 and said.data["free"] > 0
    assert said.data["versions"]["muster"] == version("muster")
    assert "worker" in muster("status").out


def test_the_version_is_printed(muster: Muster) -> None:
    said = muster("--version")
    assert (said.status, said.out) == (0, f"muster {version('muster')}\n")
    assert "Explore customer profiles" in muster("--help").out
