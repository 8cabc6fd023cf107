"""``muster practice``: the stand-in Mailchimp, a program of its own."""

import os
import sys
from typing import NoReturn

import typer


def practice(context: typer.Context) -> NoReturn:
    """Become the practice Mailchimp: it prints its URL, API key and audience ID.

    Its options are its own: muster practice --help.
    """
    # Replacing this process keeps its number, so whoever started it can also end it.
    os.execv(sys.executable, [sys.executable, "-m", "lib.practice", *context.args])


def add_to(app: typer.Typer) -> None:
    """Register the command, leaving all options to the program it becomes."""
    app.command(
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "help_option_names": [],
        }
    )(practice)
