"""Carrying out batches of operations in the background, and handing out their results."""

import asyncio
import contextlib
import io
import json
import tarfile
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.practice.call import Call
from lib.practice.exchange import PREFIX, carry_out, refuse
from lib.practice.job import STATES, Job
from lib.practice.problem import ProblemError, not_found
from lib.practice.reply import Reply
from lib.practice.routes import find
from lib.practice.world import World

_STEP_S = 0.05
_AT_ONCE = 100


@contextlib.asynccontextmanager
async def working(world: World) -> AsyncIterator[None]:
    """Work on the world's batches for as long as the context lasts."""
    task = asyncio.create_task(_work(world))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _work(world: World) -> None:
    while True:
        for job in [job for job in world.jobs.values() if job.open]:
            await _advance(world, job)
        world.keep()
        await asyncio.sleep(_STEP_S)


async def _advance(world: World, job: Job) -> None:
    """One step: a state further, or some operations."""
    if job.state == "started" and len(job.results) < len(job.operations):
        for operation in job.operations[len(job.results) :][:_AT_ONCE]:
            _operate(world, job, operation)
            await asyncio.sleep(0)
    elif job.state == "finalizing" and world.clock() < job.completed + world.latency.finalizing:
        return
    else:
        job.state = STATES[STATES.index(job.state) + 1]
        if job.state == "finalizing":
            job.completed = world.now
    job.altered = True


def _operate(world: World, job: Job, operation: dict[str, Any]) -> None:
    reply = _call(world, operation)
    job.errored += reply.status >= 400
    job.results.append(
        {
            "status_code": reply.status,
            "operation_id": operation.get("operation_id"),
            "response": reply.body.decode(),
        }
    )


def _call(world: World, operation: dict[str, Any]) -> Reply:
    parts = urlsplit(operation["path"])
    query = dict(parse_qsl(parts.query)) | _texts(operation.get("params") or {})
    body = operation.get("body", "").encode()
    request_id = str(uuid.uuid4())
    path = "/" + parts.path.removeprefix(PREFIX).strip("/")
    try:
        endpoint, template, params = find(path, operation["method"])
        if template.startswith("/batches"):
            raise not_found()
    except ProblemError as problem:
        return refuse(problem, request_id)
    world.stats.calls[f"(batch) {operation['method']} {template}"] += 1
    return carry_out(endpoint, Call(world, operation["method"], params, query, body), request_id)


def _texts(params: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(value).lower() if value in (True, False) else str(value)
        for name, value in params.items()
    }


def pack(job: Job) -> bytes:
    """The results as Mailchimp packs them: JSON files in a gzipped tar."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        for number, start in enumerate(range(0, max(1, len(job.results)), 1000)):
            body = json.dumps(job.results[start : start + 1000]).encode()
            entry = tarfile.TarInfo(f"{job.id}/{number:010d}.json")
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return packed.getvalue()


async def _results(request: Request) -> Response:
    world: World = request.app.state.world
    job = world.jobs.get(request.path_params["name"].removesuffix("-response.tar.gz"))
    if job is None or job.open:
        return Response(status_code=404)
    return Response(pack(job), media_type="application/gzip")


def routes() -> list[Route]:
    """Where results are fetched: by a link that needs no key."""
    return [Route("/batch-results/{name}", _results)]
