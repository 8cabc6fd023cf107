"""Making the plan of an export: what is asked for in the store becomes files and counts."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from lib.access import Person
from lib.contacts.fields import MergeField
from lib.errors import CancelledError, RefusedError
from lib.mailchimp.client import Mailchimp
from lib.runs import opening, prepare, snapshot
from lib.runs.prepare import Audience, Made, Progress, Wish
from lib.segments.members import SegmentQuery
from lib.settings import Settings
from lib.store import exports, plans, segments
from lib.store.database import Store
from lib.store.exports import Export
from lib.store.plans import Plan, PlanState
from lib.warehouse import Warehouse
from lib.warehouse.described import describe_segment

log = logging.getLogger(__name__)


def make(
    store: Store,
    settings: Settings,
    who: Person,
    plan: Plan,
    *,
    progress: Progress = lambda phase, share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """Make a plan that has begun, and record that it is ready.

    Args:
        store: where it stands.
        settings: of this installation.
        who: may use the export's connection.
        plan: in the state making.
        progress: told what is going on.
        cancelled: asked now and then.

    Raises:
        MusterError: it cannot be made; the caller records that it failed.
    """
    export = exports.get(store, who, plan.export_id)
    if export.connection_id is None:
        raise RefusedError(f"The export “{export.name}” has no connection: attach it to one.")
    progress("Opening the warehouse", -1.0)
    with (
        opening.warehouse(store, settings, who, cancelled) as warehouse,
        opening.mailchimp(store, settings, who, export.connection_id) as client,
    ):
        queries = tuple(_segment(store, who, warehouse, one) for one in export.segment_ids)
        fields = client.merge_fields(export.audience_id)
        wish = _wish(settings, export, queries, fields)

        def refresh() -> Audience:
            return audience_of(settings, client, export, progress, cancelled)

        made = prepare.make_plan(
            warehouse,
            wish,
            refresh,
            directory_of(settings, plan.id),
            progress=progress,
            cancelled=cancelled,
        )
    return _finish(store, who, plan, made)


def directory_of(settings: Settings, plan_id: str) -> Path:
    """Return where a plan keeps its files."""
    return settings.runs_dir / "plans" / plan_id


def audience_dir(settings: Settings, connection_id: str, audience_id: str) -> Path:
    """Return where the local copy of an audience is kept."""
    return settings.snapshots_dir / connection_id / audience_id


def export_dir(settings: Settings, export_id: str) -> Path:
    """Return where an export keeps what it learned from its runs."""
    return settings.runs_dir / "exports" / export_id


def audience_of(
    settings: Settings,
    client: Mailchimp,
    export: Export,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Audience:
    """Bring the local copy of the export's audience up to date."""
    taken = snapshot.refresh(
        client,
        export.audience_id,
        audience_dir(settings, export.connection_id or "", export.audience_id),
        progress=lambda share, phase: progress(phase, share),
        cancelled=cancelled,
    )
    return Audience(taken.path, taken.taken_at)


def _wish(
    settings: Settings,
    export: Export,
    queries: tuple[SegmentQuery, ...],
    fields: tuple[MergeField, ...],
) -> Wish:
    own = export_dir(settings, export.id)
    return Wish(
        segments=queries,
        matching=export.matching,
        options=export.options,
        fields=fields,
        limit=settings.export_limit,
        owned=own / "owned.parquet",
        refused=own / "refused.parquet",
        given=own / "given.parquet",
    )


def _segment(store: Store, who: Person, warehouse: Warehouse, segment_id: str) -> SegmentQuery:
    found = segments.get(store, who, segment_id)
    return describe_segment(warehouse, found.name, found.sql)


def _finish(store: Store, who: Person, plan: Plan, made: Made) -> Plan:
    if plans.get(store, who, plan.id).state is not PlanState.MAKING:
        raise CancelledError("The plan was cancelled; nothing was sent.")
    counts = asdict(made.counts)
    log.info("Plan %s is ready: %s.", plan.id, json.dumps(counts["fates"]))
    return plans.finish(
        store,
        plan.id,
        counts=counts,
        fingerprint=made.fingerprint,
        directory=str(made.directory),
    )
