"""The root of the command: its nouns."""

import sys
from typing import Annotated

import typer

from lib.cli import (
    apply,
    audit,
    connections,
    encryption,
    exports,
    notices,
    people,
    practice,
    query,
    retention,
    runs,
    schedule,
    segments,
    sources,
    status,
    worker,
)
from lib.config import health

app = typer.Typer(
    name="muster",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"muster {health.versions().get('muster', 'unknown')}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it and end."),
    ] = False,
) -> None:
    """Explore customer profiles, build segments, export them safely to Mailchimp."""


practice.add_to(app)
app.command()(status.status)
app.command()(worker.worker)
app.command()(query.query)
app.command()(apply.apply)
app.command("export-config")(apply.export_config)
app.add_typer(sources.app, name="sources")
app.add_typer(segments.app, name="segments")
app.add_typer(connections.app, name="connections")
app.add_typer(exports.app, name="exports")
app.add_typer(runs.app, name="runs")
app.add_typer(schedule.app, name="schedule")
app.command("refresh")(schedule.refresh_now)
app.add_typer(notices.app, name="notices")
app.add_typer(audit.app, name="audit")
app.add_typer(people.app, name="people")
app.add_typer(retention.app, name="retention")
app.add_typer(encryption.app, name="secrets")
