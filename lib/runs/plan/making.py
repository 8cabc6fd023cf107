"""Making the plan of an export: what is asked for in the store becomes files and counts."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lib.contacts.fields import MergeField
from lib.errors import RefusedError
from lib.mailchimp.client import Mailchimp
from lib.runs import opening
from lib.runs.audience import definitions, snapshot
from lib.runs.plan import claims, prepare
from lib.runs.plan.job import Job
from lib.runs.plan.prepare import Audience
from lib.runs.plan.wish import Wish
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
            _wish(job, export, queries, fields),
            lambda: audience_of(job, client, export, fields),
            job.directory,
            progress=job.progress,
            cancelled=job.cancelled,
        )
    claims.stake(job.directory / "plan.parquet", _own(settings, export))
    return job.finish(asdict(made.counts), made.fingerprint, made.note)


def audience_dir(settings: Settings, connection_id: str, audience_id: str) -> Path:
    """Return where the local copy of an audience is kept."""
    return settings.snapshots_dir / connection_id / audience_id


def export_dir(settings: Settings, export_id: str, connection_id: str, audience_id: str) -> Path:
    """Return where an export keeps what it learned from its runs to an audience.

    Whom it added to one audience, it did not add to another.
    """
    return settings.exports_dir / export_id / connection_id / audience_id


def audience_of(
    job: Job, client: Mailchimp, export: Export, fields: Sequence[MergeField]
) -> Audience:
    """Bring the local copy of the export's audience up to date.

    Args:
        job: of the plan.
        client: the client.
        export: whose audience.
        fields: merge fields of the audience, as of a moment ago.

    Raises:
        NotApprovedError: the merge fields were changed in that moment.
    """
    taken = snapshot.refresh(
        client,
        export.audience_id,
        audience_dir(job.settings, export.connection_id or "", export.audience_id),
        progress=lambda share, phase: job.progress(phase, share),
        cancelled=job.cancelled,
        fields=fields,
    )
    tags = {field.tag for field in fields}
    definitions.require_same(definitions.of(fields), taken.definitions, tags)
    return Audience(taken.path, taken.taken_at, taken.doubt)


def _wish(
    job: Job,
    export: Export,
    queries: tuple[SegmentQuery, ...],
    fields: tuple[MergeField, ...],
) -> Wish:
    own = _own(job.settings, export)
    return Wish(
        segments=queries,
        matching=export.matching,
        options=export.options,
        fields=fields,
        limit=job.settings.export_limit,
        owned=own / "owned.parquet",
        claims=claims.of_others(job.store, job.settings, export.id, export.audience_id),
        refused=own / "refused.parquet",
        given=own / "given.parquet",
        time_zone=job.settings.time_zone,
    )


def _own(settings: Settings, export: Export) -> Path:
    return export_dir(settings, export.id, export.connection_id or "", export.audience_id)


def _segment(job: Job, warehouse: Warehouse, segment_id: str) -> SegmentQuery:
    found = segments.get(job.store, job.who, segment_id)
    return describe_segment(warehouse, found.name, found.sql)
