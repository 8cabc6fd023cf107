"""/batches: hand in operations, ask how far they are."""

import secrets
from typing import Any

from lib.practice.call import Call
from lib.practice.job import MOST_OPEN, Job
from lib.practice.links import links
from lib.practice.problem import FieldFault, ProblemError, not_found, schema_fault
from lib.practice.reply import Reply, document, nothing

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def create(call: Call) -> Reply:
    """POST /batches."""
    operations = _read_operations(call.object())
    world = call.world
    if sum(job.open for job in world.jobs.values()) >= MOST_OPEN:
        text = f"You have more than {MOST_OPEN} pending batches."
        raise ProblemError(429, "Too Many Requests", text)
    job = Job(secrets.token_hex(5), operations, world.now)
    world.jobs[job.id] = job
    return document(_document(call, job))


def _read_operations(body: dict[str, Any]) -> list[dict[str, Any]]:
    operations = body.get("operations")
    if operations is None:
        raise schema_fault(FieldFault("", "Required fields were not provided: operations"))
    if not isinstance(operations, list):
        fault = FieldFault("operations", "Schema describes array, object found instead")
        raise schema_fault(fault)
    for number, one in enumerate(operations):
        _check(one, f"operations.{number}")
    return operations


def _check(one: Any, name: str) -> None:  # noqa: ANN401
    if not isinstance(one, dict):
        raise schema_fault(FieldFault(name, "Schema describes object, string found instead"))
    if one.get("method") not in METHODS:
        raise schema_fault(FieldFault(f"{name}.method", f"Value must be one of: {METHODS}"))
    if not isinstance(one.get("path"), str):
        raise schema_fault(FieldFault(name, "Required fields were not provided: path"))
    if not isinstance(one.get("body", ""), str):
        fault = FieldFault(f"{name}.body", "Schema describes string, object found instead")
        raise schema_fault(fault)


def index(call: Call) -> Reply:
    """GET /batches."""
    offset, count = call.page()
    jobs = list(reversed(call.world.jobs.values()))
    body = {
        "batches": [_document(call, job) for job in jobs[offset : offset + count]],
        "total_items": len(jobs),
        "_links": links("/batches", "POST"),
    }
    return document(call.projection().apply(body))


def show(call: Call) -> Reply:
    """GET /batches/{batch_id}."""
    return document(call.projection().apply(_document(call, _job(call))))


def delete(call: Call) -> Reply:
    """DELETE /batches/{batch_id}: what was not carried out yet never will be."""
    call.world.remove_job(_job(call).id)
    return nothing()


def _job(call: Call) -> Job:
    job = call.world.jobs.get(call.params["batch_id"])
    if job is None:
        raise not_found()
    return job


def _document(call: Call, job: Job) -> dict[str, Any]:
    return job.document(call.base_url) | {"_links": links(f"/batches/{job.id}", "DELETE")}
