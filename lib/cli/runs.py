"""``muster runs``: following, cancelling, resuming and reading runs."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.cli import following, place, undoing
from lib.cli.output import Json, say, show, written
from lib.errors import StorageError
from lib.formulas import defused
from lib.runs import desk
from lib.runs.after import receipt
from lib.store import rejections, runs

app = typer.Typer(help="Carried-out exports.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the run.")]
COLUMNS = ("email", "code", "message", "field", "field_message")


@app.command("list")
def list_(
    export: Annotated[str, typer.Option(help="Only of this export.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most runs to list.")] = 100,
    as_json: Json = False,
) -> None:
    """List runs, newest first."""
    found = place.do(runs.all, export=export, limit=limit)
    rows = [following.record(run) for run in found]
    columns = ("id", "export", "trigger", "state", "sent", "total", "finished_at")
    show(rows, as_json=as_json, columns=columns)


@app.command("show")
def show_(run_id: Id, as_json: Json = False) -> None:
    """Print one run with its receipt: on whose word, and what reading back found."""
    with place.office() as office:
        run = runs.get(office.store, office.who, run_id)
        document = receipt.read(office.settings.runs_dir / run.id)
    record = following.record(run)
    if as_json or document is None:
        show(record | {"receipt": document}, as_json=as_json)
        return
    show(record | _summary(document), as_json=False)
    if examples := document["read_back"]["examples"]:
        say("Held otherwise than sent, for example:")
        show(examples, as_json=False)


def _summary(document: dict[str, Any]) -> dict[str, object]:
    """Return what a person wants to know of a receipt."""
    back = document["read_back"]
    return {
        "approved_by": document["approved_by"],
        "approved_at": document["approved_at"],
        "fingerprint": document["fingerprint"],
        "verified_equal": back["equal"],
        "different": back["different"],
        "mailchimp_says": document.get("mailchimp", {}).get("words"),
    }


@app.command()
def watch(run_id: Id, as_json: Json = False) -> None:
    """Follow a run until it is over."""
    with place.office() as office:
        following.conclude(following.watch(office, run_id), as_json=as_json)


@app.command()
def cancel(run_id: Id, as_json: Json = False) -> None:
    """Cancel a run: at once while it is queued, else within one batch."""
    with place.office() as office:
        show(following.record(desk.cancel(office.store, office.who, run_id)), as_json=as_json)


@app.command()
def resume(
    run_id: Id,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it is over.")] = False,
    as_json: Json = False,
) -> None:
    """Go on with a run that is not done; what was sent is not sent again."""
    with place.office() as office:
        resumed = desk.resume(
            office.store,
            office.settings,
            office.who,
            run_id,
            idle_exit_s=following.IDLE_EXIT_S,
        )
        if wait:
            following.conclude(following.watch(office, resumed.id), as_json=as_json)
        else:
            show(following.record(resumed), as_json=as_json)


app.command("undo")(undoing.undo)


@app.command("rejections")
def rejections_(
    run_id: Id,
    out: Annotated[Path | None, typer.Option(help="Write them to this .csv instead.")] = None,
    as_json: Json = False,
) -> None:
    """Print all whom Mailchimp rejected, in its words; or write them to a file."""
    with place.office() as office:
        runs.get(office.store, office.who, run_id)
        if out is None:
            pages = rejections.stream(office.store, office.who, run_id)
            rows = [
                {name: getattr(one, name) for name in COLUMNS} for page in pages for one in page
            ]
            show(rows, as_json=as_json, columns=COLUMNS)
            return
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for page in rejections.stream(office.store, office.who, run_id):
                    cells = ([getattr(one, name) for name in COLUMNS] for one in page)
                    writer.writerows(map(defused, row) for row in cells)
        except OSError as error:
            raise StorageError(f"{out} cannot be written: {error.strerror}.") from None
        rows_written = rejections.count(office.store, office.who, run_id)
        written(rows_written, out, as_json=as_json)
