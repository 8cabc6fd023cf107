"""``muster exports list``: all exports, searched, narrowed and sorted as on the page."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from lib.cli import place
from lib.cli import schedule as schedules
from lib.cli.export_row import row
from lib.cli.output import Json, show
from lib.config import Office, views
from lib.config import schedule as config_schedule
from lib.config.schedule import Standing
from lib.config.views import View
from lib.store import segments

COLUMNS = (
    "name",
    "connection",
    "audience",
    "segment_names",
    "status",
    "last_run_at",
    "next_run",
    "schedule",
    "permission",
)
_LONG_AGO, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Order(StrEnum):
    """What a list of exports can be sorted by."""

    NAME = "name"
    CONNECTION = "connection"
    AUDIENCE = "audience"
    STATUS = "status"
    LAST_RUN = "last-run"
    NEXT_RUN = "next-run"


_ORDERS: dict[Order, Callable[[Standing], object]] = {
    Order.NAME: lambda one: one.export.name.casefold(),
    Order.CONNECTION: lambda one: one.export.connection_name.casefold(),
    Order.AUDIENCE: lambda one: (one.export.audience_name or one.export.audience_id).casefold(),
    Order.STATUS: lambda one: one.last_run.state if one.last_run else "",
    Order.LAST_RUN: lambda one: one.last_run.requested_at if one.last_run else _LONG_AGO,
    Order.NEXT_RUN: lambda one: one.next_run or _NEVER,
}


def list_(
    search: Annotated[
        str, typer.Option(help="Only with this in the name of export, audience or connection.")
    ] = "",
    only: Annotated[
        View, typer.Option(help="attention: needs somebody; live: running; off: by hand or off.")
    ] = View.ALL,
    sort: Annotated[Order, typer.Option(help="What to sort by.")] = Order.NAME,
    descending: Annotated[bool, typer.Option("--descending", help="The other way round.")] = False,
    as_json: Json = False,
) -> None:
    """List the exports: the status is that of each one's own last run."""
    with place.office() as office:
        listed = config_schedule.overview(office)
        names = {one.id: one.name for one in segments.all(office.store, office.who)}
        found = [one for one in listed if views.fits(one, only) and views.speaks_of(one, search)]
        found.sort(key=_ORDERS[sort], reverse=descending)  # type: ignore[arg-type]
        rows = [_standing(office, one, names) for one in found]
    show(rows, as_json=as_json, columns=COLUMNS)


def _standing(office: Office, one: Standing, names: dict[str, str]) -> dict[str, object]:
    run, here = one.last_run, schedules.here
    return {
        **row(office, one.export),
        "audience": one.export.audience_name or one.export.audience_id,
        "segment_names": [names[segment_id] for segment_id in one.export.segment_ids],
        "last_run": run.state if run else None,
        "status": run.state if run else None,
        "last_run_at": here(office, run.requested_at) if run else None,
        "next_run": here(office, one.next_run) if one.next_run else None,
        "hindrance": one.why or None,
        "permission": one.permission,
    }
