"""``muster exports``: setting exports up, planning them, running them."""

from typing import Annotated, TypeVar

import typer

from lib.cli import (
    export_acts,
    export_fields,
    export_list,
    export_rules,
    export_runs,
    meters,
    place,
)
from lib.cli.export_row import row
from lib.cli.output import Json, say, show
from lib.config import Office, feeding
from lib.config import exports as config_exports
from lib.config import segments as config_segments
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.errors import InputError
from lib.store import exports, segments
from lib.store.exports import Export
from lib.warehouse import Warehouse

app = typer.Typer(help="Exports of segments to Mailchimp audiences.", no_args_is_help=True)
T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the export.")]
Connection = typer.Option(help="Name of the connection.")
Audience = typer.Option(metavar="ID", help="Audience ID.")
Email = typer.Option(metavar="COL", help="Column with the address.")
Segment = typer.Option(metavar="S", help="Segment; may be repeated.")
Column = typer.Option(metavar="COL")
Field = typer.Option(metavar="TAG[.part]=COL", help=export_fields.HELP)
KeepFilled = typer.Option(metavar="TAG", help="Never overwrite this field if filled.")
Status = typer.Option(help="Status of contacts new to the audience.")
TagSegments = typer.Option(help="Tag contacts with their segments' names.")
Leave = typer.Option(
    help="What happens to members this export added that left all its segments; whom another "
    "export to the audience has is never archived."
)
Revive = typer.Option(help="Add archived members again; only where new contacts become subscribed.")
Schedule = typer.Option(metavar="CRON", help="A schedule of its own, or off; else the refresh.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    connection: Annotated[str, Connection],
    audience: Annotated[str, Audience],
    email: Annotated[str, Email],
    segment: Annotated[list[str], Segment],
    first_name: Annotated[str, Column] = "",
    last_name: Annotated[str, Column] = "",
    field: Annotated[list[str] | None, Field] = None,
    keep_filled: Annotated[list[str] | None, KeepFilled] = None,
    status_if_new: Annotated[StatusIfNew, Status] = StatusIfNew.SUBSCRIBED,
    tag_segments: Annotated[bool, TagSegments] = True,
    on_leave: Annotated[OnLeave, Leave] = OnLeave.NOTHING,
    revive_archived: Annotated[bool, Revive] = False,
    schedule: Annotated[str, Schedule] = "",
    as_json: Json = False,
) -> None:
    """Set an export up. Everything is checked before it is saved, and saving sends nothing."""
    draft = config_exports.Draft(
        name=name,
        connection=connection,
        audience_id=audience,
        matching=feeding.matching(
            email,
            feeding.columns(first_name, last_name, export_fields.columns(field or (), {})),
            keep_filled or (),
        ),
        segments=tuple(segment),
        options=Options(status_if_new, tag_segments, on_leave, revive_archived),
        schedule=schedule,
    )
    with place.office() as office:
        _save(office, draft, as_json=as_json)


@app.command()
def edit(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    connection: Annotated[str | None, Connection] = None,
    audience: Annotated[str | None, Audience] = None,
    email: Annotated[str | None, Email] = None,
    segment: Annotated[list[str] | None, Segment] = None,
    first_name: Annotated[str | None, Column] = None,
    last_name: Annotated[str | None, Column] = None,
    field: Annotated[list[str] | None, Field] = None,
    keep_filled: Annotated[list[str] | None, KeepFilled] = None,
    status_if_new: Annotated[StatusIfNew | None, Status] = None,
    tag_segments: Annotated[bool | None, TagSegments] = None,
    on_leave: Annotated[OnLeave | None, Leave] = None,
    revive_archived: Annotated[bool | None, Revive] = None,
    schedule: Annotated[str | None, Schedule] = None,
    as_json: Json = False,
) -> None:
    """Change what is given and keep the rest; a column that is empty is not fed any more."""
    with place.office() as office:
        old = config_exports.draft_of(office, name)
        names = {"FNAME": first_name, "LNAME": last_name}
        fed = feeding.fed(old.matching)
        fed |= {tag: column for tag, column in names.items() if column is not None}
        fed = feeding.columns("", "", export_fields.columns(field or (), fed))
        kept = [tag for tag in feeding.kept(old.matching) if tag in fed]
        draft = config_exports.Draft(
            name=_else(new_name, old.name),
            connection=_else(connection, old.connection),
            audience_id=_else(audience, old.audience_id),
            matching=feeding.matching(
                _else(email, old.matching.email), fed, _else(keep_filled or None, kept)
            ),
            segments=tuple(segment or old.segments),
            options=Options(
                _else(status_if_new, old.options.status_if_new),
                _else(tag_segments, old.options.tag_segments),
                _else(on_leave, old.options.on_leave),
                _else(revive_archived, old.options.revive_archived),
            ),
            schedule=_else(schedule, old.schedule),
        )
        if not draft.connection:
            raise InputError(f"The export {name} has no connection: give it one by --connection.")
        _save(office, draft, ref=name, as_json=as_json)


def _else(given: T | None, kept: T) -> T:
    return kept if given is None else given


def _save(office: Office, draft: config_exports.Draft, *, ref: str = "", as_json: bool) -> None:
    with place.warehouse(office) as warehouse:
        unfed = config_exports.check(office, warehouse, draft).unfed
        kept = config_exports.save(office, warehouse, draft, ref=ref)
        members = _members(office, warehouse, kept)
    limit = office.settings.export_limit
    over = max(0, members - limit)
    show({**row(office, kept), "members": members, "over_limit": over}, as_json=as_json)
    meters.tell_members(members, limit)
    if unfed:
        tags = ", ".join(field.tag for field in unfed)
        say(f"The audience requires {tags}, which nothing feeds: new contacts will be invalid.")
    if kept.rules_lapsed:
        say(f"Its rules have to be approved anew: muster exports approve-rules “{kept.name}”")


def _members(office: Office, warehouse: Warehouse, export: Export) -> int:
    """Count the distinct profiles of an export."""
    chosen = [segments.get(office.store, office.who, one) for one in export.segment_ids]
    return config_segments.measure(warehouse, config_segments.queries(warehouse, chosen)).together


@app.command("show")
def show_(name: Name, as_json: Json = False) -> None:
    """Print one export."""
    with place.office() as office:
        found = exports.get(office.store, office.who, name)
        show(row(office, found), as_json=as_json)


app.command("list")(export_list.list_)
export_acts.add_to(app)
export_rules.add_to(app)
export_runs.add_to(app)
