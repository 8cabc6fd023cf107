"""Undo of a run: a plan of its own, made from the audience before the run, after it and now."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from lib.contacts import counts as counting
from lib.contacts.counts import PlanCounts
from lib.contacts.fields import MergeField
from lib.contacts.undo import select_undo
from lib.errors import NotFoundError
from lib.mailchimp.member import MEMBERS, SHOWN_TAGS
from lib.runs import opening
from lib.runs.audience import definitions
from lib.runs.local import appearing_directory, disk, keep, scratch
from lib.runs.plan import claims, fingerprint, making, planned
from lib.runs.plan.claims import Claim
from lib.runs.plan.job import Job
from lib.runs.plan.prepare import Audience
from lib.store import plans, runs
from lib.store.plans import Plan
from lib.store.runs import Run


def make(job: Job) -> Plan:
    """Make the plan of an undo that has begun, and record that it is ready.

    Raises:
        NotFoundError: the files of the run are gone, or it never began.
        MusterError: it cannot be made; the caller records that it failed.
    """
    run = runs.get(job.store, job.who, job.plan.undoes)
    before = _files(job, run)
    export = job.export()
    patience = opening.attentive(job.cancelled)
    with opening.mailchimp(
        job.store, job.settings, job.who, export.connection_id or "", patience=patience
    ) as client:
        fields = client.merge_fields(export.audience_id)
        audience = making.audience_of(job, client, export, fields)
    job.progress("Comparing the audience with what the run did", -1.0)
    with appearing_directory(job.directory) as fresh:
        keep(audience.path, fresh / "snapshot.parquet")
        others = claims.of_others(job.store, job.settings, export.id, export.audience_id)
        counts = _plan(fresh, before, fields, others)
        limits = _limits(counts, before, fields)
        sealed = _describe(fresh, run, audience, fields, counts)
    return job.finish({**asdict(counts), "limits": limits}, sealed, audience.note)


def _files(job: Job, run: Run) -> dict[str, Path]:
    """Return the files that tell what the run did, by the name of their relation."""
    made = plans.get(job.store, job.who, run.plan_id or "")
    directory, own = Path(made.directory), job.settings.runs_dir / run.id
    exact = own / "past.parquet"
    found = {
        "plan": directory / "plan.parquet",
        "outcomes": own / "outcomes.parquet",
        "past": exact if exact.exists() else directory / "snapshot.parquet",
    }
    if not all(path.exists() for path in found.values()):
        raise NotFoundError(
            "The files of this run are gone, or it never began: there is nothing to undo it from."
        )
    return {**found, "after": own / "after.parquet"}


def _plan(
    directory: Path,
    before: Mapping[str, Path],
    fields: tuple[MergeField, ...],
    others: tuple[Claim, ...],
) -> PlanCounts:
    with scratch(directory) as db:
        planned.view(db, before["plan"])
        for name, path in before.items():
            if name != "plan":
                _view(db, name, path)
        _view(db, "now", directory / "snapshot.parquet")
        claims.name(db, others, "select member_id from plan", directory)
        query = select_undo(_written(before["plan"], fields), shown_tags=SHOWN_TAGS)
        made = str(directory / "plan.parquet")
        db.sql(query.text, params=list(query.params)).write_parquet(made, compression="zstd")
        db.from_parquet(made).create_view("undo")
        rows = db.execute(counting.select_counts("undo").text).fetchall()
    # Limits are there against exporting too much; taking back is never too much.
    counts = counting.counted(rows, limit=sum(n for what, _, n in rows if what == "fate"))
    return replace(counts, contacts=sum(counts.fates.values()))


def _view(db: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    if path.exists():
        db.from_parquet(str(path)).create_view(name)
    else:
        db.register(name, MEMBERS.empty_table())


def _written(plan: Path, fields: tuple[MergeField, ...]) -> tuple[MergeField, ...]:
    """Return the merge fields that a plan is about and that the audience has."""
    tags = planned.matched(plan)
    return tuple(field for field in fields if field.tag in tags)


def _describe(
    directory: Path,
    run: Run,
    audience: Audience,
    fields: tuple[MergeField, ...],
    counts: PlanCounts,
) -> str:
    """Write plan.json, and return the fingerprint."""
    file = fingerprint.of_file(directory / "plan.parquet")
    moment = audience.taken_at.isoformat()
    sealed = fingerprint.of_text(json.dumps([run.id, file, moment]))
    said: dict[str, Any] = {
        "undoes": run.id,
        "plan": file,
        "hash": sealed,
        "types": {field.tag: field.type for field in fields},
        "definitions": definitions.to_json(definitions.of(fields)),
        "counts": asdict(counts),
        "snapshot_at": moment,
    }
    with disk():
        (directory / "plan.json").write_text(json.dumps(said, indent=1), "utf-8")
    return sealed


def _limits(
    counts: PlanCounts, before: Mapping[str, Path], fields: tuple[MergeField, ...]
) -> list[str]:
    """Say in sentences what the undo cannot put back."""
    reasons = counts.reasons
    said = [
        words.format(n=f"{reasons[code]:,}") for code, words in _LEFT.items() if code in reasons
    ]
    away = sum(reasons.get(code, 0) for code in _AWAY)
    if away:
        said.append(f"{away:,} unsubscribed, bounced or were archived or removed; they stay so.")
    if {"archive", "unproven"} & reasons.keys() and not before["after"].exists():
        said.append(_NOT_SEEN)
    if gone := set(planned.matched(before["plan"])) - {"EMAIL", *(field.tag for field in fields)}:
        said.append(f"The audience has no field {', '.join(sorted(gone))} any more.")
    return [*said, *_ALWAYS]


_AWAY = ("unsubscribed", "cleaned", "pending", "archived", "removed", "unknown_status")
_LEFT = {
    "changed_since": "{n} were changed since the run and are left as they are now.",
    "partly": "{n} are put back only in part, as some of their values were changed since.",
    "own_word": "{n} were added by the run, but changed their status themselves; they stay.",
    "touched_since": "{n} were added by the run, but changed since; they stay.",
    "unproven": "{n} were added by the run, but nobody can tell whether they were changed since;"
    " they stay.",
    "tags_unseen": "{n} have more tags than Mailchimp shows; their tags are left as they are.",
    "wanted_too": "{n} were added by the run, but another export to this audience has them; they"
    " stay.",
    "not_ours": "{n} may have been added by somebody else at the same time; they stay.",
    "stays_archived": "{n} were archived by the run and stay so: to bring them back would be to"
    " subscribe them again.",
    "must_stay": "{n} keep a value in a field that is required now and was empty before.",
    "archive": "{n} are archived, not deleted; those that the run took out of the archive go back"
    " to it with the values of the run.",
}
_NOT_SEEN = (
    "Mailchimp could not be asked when the run ended, so only those are archived that hold what the"
    " run sent and nothing else."
)
_ALWAYS = (
    "Mails that were sent and automations that have started are not called back.",
    "Who was deleted for good is not added again, and nobody is subscribed again.",
    "Fields that were empty before the run are emptied; tags that it made stay, without members.",
    "A tag that is put back can start an automation that waits for it.",
)
