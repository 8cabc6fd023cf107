"""Making the plan of an export: what is asked for in the store becomes files and counts."""

from dataclasses import asdict
from pathlib import Path

from lib.contacts.fields import MergeField
from lib.errors import RefusedError
from lib.mailchimp.client import Mailchimp
from lib.runs import opening, prepare, snapshot
from lib.runs.job import Job
from lib.runs.prepare import Audience, Wish
from lib.segments.members import SegmentQuery
from lib.settings import Settings
from lib.store import segments
from lib.store.exports import Export
from lib.store.plans import Plan
from lib.warehouse import Warehouse
from lib.warehouse.described import describe_segment


def make(job: Job) -> Plan:
    """Make a plan that has begun, and record that it is ready.

    Raises:
        MusterError: it cannot be made; the caller records that it failed.
    """
    export, settings = job.export(), job.settings
    if export.connection_id is None:
        raise RefusedError(f"The export “{export.name}” has no connection: attach it to one.")
    job.progress("Opening the warehouse", -1.0)
    with (
        opening.warehouse(job.store, settings, job.who, job.cancelled) as warehouse,
        opening.mailchimp(
            job.store,
            settings,
            job.who,
            export.connection_id,
            patience=opening.attentive(job.cancelled),
        ) as client,
    ):
        queries = tuple(_segment(job, warehouse, one) for one in export.segment_ids)
        fields = client.merge_fields(export.audience_id)
        made = prepare.make_plan(
            warehouse,
            _wish(settings, export, queries, fields),
            lambda: audience_of(job, client, export),
            job.directory,
            progress=job.progress,
            cancelled=job.cancelled,
        )
    return job.finish(asdict(made.counts), made.fingerprint)


def audience_dir(settings: Settings, connection_id: str, audience_id: str) -> Path:
    """Return where the local copy of an audience is kept."""
    return settings.snapshots_dir / connection_id / audience_id


def export_dir(settings: Settings, export_id: str) -> Path:
    """Return where an export keeps what it learned from its runs."""
    return settings.runs_dir / "exports" / export_id


def audience_of(job: Job, client: Mailchimp, export: Export) -> Audience:
    """Bring the local copy of the export's audience up to date."""
    taken = snapshot.refresh(
        client,
        export.audience_id,
        audience_dir(job.settings, export.connection_id or "", export.audience_id),
        progress=lambda share, phase: job.progress(phase, share),
        cancelled=job.cancelled,
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


def _segment(job: Job, warehouse: Warehouse, segment_id: str) -> SegmentQuery:
    found = segments.get(job.store, job.who, segment_id)
    return describe_segment(warehouse, found.name, found.sql)
