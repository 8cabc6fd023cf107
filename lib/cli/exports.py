"""``muster exports``: setting exports up, planning them, running them."""

from typing import Annotated

import typer

from lib.cli import following, place
from lib.cli.output import Json, say, show
from lib.config import configuration
from lib.config import exports as config_exports
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.errors import InputError
from lib.runs import desk
from lib.store import exports, runs
from lib.store.exports import Export

app = typer.Typer(help="Exports of segments to Mailchimp audiences.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the export.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    connection: Annotated[str, typer.Option(help="Name of the connection.")],
    audience: Annotated[str, typer.Option(metavar="ID", help="Audience ID.")],
    email: Annotated[str, typer.Option(metavar="COL", help="Column with the address.")],
    segment: Annotated[list[str], typer.Option(metavar="S", help="Segment; may be repeated.")],
    first_name: Annotated[str, typer.Option(metavar="COL")] = "",
    last_name: Annotated[str, typer.Option(metavar="COL")] = "",
    field: Annotated[
        list[str] | None, typer.Option(metavar="TAG=COL", help="Another merge field; repeatable.")
    ] = None,
    keep_filled: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Never overwrite this field if filled.")
    ] = None,
    status_if_new: Annotated[
        StatusIfNew, typer.Option(help="Status of contacts new to the audience.")
    ] = StatusIfNew.SUBSCRIBED,
    tag_segments: Annotated[
        bool, typer.Option(help="Tag contacts with their segments' names.")
    ] = True,
    on_leave: Annotated[
        OnLeave, typer.Option(help="What happens to members who left all segments.")
    ] = OnLeave.NOTHING,
    revive_archived: Annotated[
        bool, typer.Option("--revive-archived", help="Add archived members again.")
    ] = False,
    schedule: Annotated[str, typer.Option(metavar="CRON")] = "",
    as_json: Json = False,
) -> None:
    """Set an export up. Everything is checked before it is saved, and saving sends nothing."""
    fields = dict(_pair(given) for given in field or [])
    draft = config_exports.Draft(
        name=name,
        connection=connection,
        audience_id=audience,
        matching=configuration.matching(
            email, first_name, last_name, fields, tuple(keep_filled or ())
        ),
        segments=tuple(segment),
        options=Options(status_if_new, tag_segments, on_leave, revive_archived),
        schedule=schedule,
    )
    with place.office() as office, place.warehouse(office) as warehouse:
        unfed = config_exports.check(office, warehouse, draft).unfed
        kept = config_exports.save(office, warehouse, draft)
    show(_record(kept), as_json=as_json)
    if unfed:
        tags = ", ".join(field.tag for field in unfed)
        say(f"The audience requires {tags}, which nothing feeds: new contacts will be invalid.")


def _pair(given: str) -> tuple[str, str]:
    tag, equals, column = given.partition("=")
    if not (tag and equals and column):
        raise InputError(f"Write --field as TAG=COLUMN, not {given}.")
    return tag.strip().upper(), column.strip()


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the exports with the state of each one's last run."""
    with place.office() as office:
        kept = exports.all(office.store, office.who)
        last = runs.newest(office.store, office.who)
    rows = [
        {**_record(export), "last_run": last[export.id].state if export.id in last else None}
        for export in kept
    ]
    show(rows, as_json=as_json, columns=("name", "connection", "audience_name", "last_run"))


def _record(export: Export) -> dict[str, object]:
    return {
        "id": export.id,
        "name": export.name,
        "connection": export.connection_name or None,
        "audience_id": export.audience_id,
        "audience_name": export.audience_name,
        "email": export.matching.email,
        "fields": {match.tag: match.column for match in export.matching.fields},
        "keep_filled": [match.tag for match in export.matching.fields if match.keep_filled],
        "segments": list(export.segment_ids),
        "status_if_new": export.options.status_if_new,
        "tag_segments": export.options.tag_segments,
        "on_leave": export.options.on_leave,
        "revive_archived": export.options.revive_archived,
        "schedule": export.schedule,
        "active": export.active,
    }


@app.command("show")
def show_(name: Name, as_json: Json = False) -> None:
    """Print one export."""
    with place.office() as office:
        show(_record(exports.get(office.store, office.who, name)), as_json=as_json)


@app.command()
def duplicate(name: Name, to: Annotated[str, typer.Argument(metavar="NEW")]) -> None:
    """Make a copy under another name."""
    with place.office() as office:
        exports.duplicate(office.store, office.who, name, to)
    say(f"{to} is a copy of {name}.")


@app.command()
def detach(name: Name) -> None:
    """Take the connection off; the export stays, inactive until it is given another."""
    with place.office() as office:
        exports.detach(office.store, office.who, name)
    say(f"{name} has no connection now and will not run.")


@app.command()
def attach(name: Name, connection: Annotated[str, typer.Argument(metavar="CONNECTION")]) -> None:
    """Give a detached export a connection."""
    with place.office() as office:
        exports.attach(office.store, office.who, name, connection)
    say(f"{name} uses {connection} now.")


@app.command()
def remove(name: Name) -> None:
    """Remove an export; the history of its runs stays."""
    with place.office() as office:
        exports.remove(office.store, office.who, name)
    say(f"{name} was removed; the history of its runs stays.")


@app.command()
def plan(name: Name, as_json: Json = False) -> None:
    """Say what a run would do to each contact, and the calls it would cost; sends nothing."""
    with place.office() as office, following.planning() as tell:
        made = desk.plan_here(office.store, office.settings, office.who, name, tell)
    counts = made.counts
    found = {
        "export": made.export_name,
        "contacts": counts["contacts"],
        "fates": counts["fates"],
        "over_limit": counts["over_limit"],
        "calls": counts["calls"],
        "reasons": counts.get("reasons", {}),
        "plan": made.id,
    }
    show(found, as_json=as_json)
    if counts["over_limit"]:
        say(
            f"That is {counts['over_limit']:,} profiles more than one export may hold: it will "
            "not run. Narrow its segments, or spread them over several exports."
        )


@app.command()
def run(
    name: Name,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it is over.")] = False,
    as_json: Json = False,
) -> None:
    """Plan and push an export. Running it is your yes to what the plan says."""
    with place.office() as office:
        following.start_worker(office)
        with following.planning() as tell:
            started = desk.run_now(office.store, office.settings, office.who, name, tell)
        if wait:
            following.conclude(following.watch(office, started.id), as_json=as_json)
        else:
            show(following.record(started), as_json=as_json)
