"""One HTTP exchange: who calls, is there a slot, what goes wrong, the work, the wait, the reply."""

import asyncio
import logging
import time
import traceback
import uuid
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.practice import breakage
from lib.practice.auth import identify
from lib.practice.call import Call
from lib.practice.faults import WHOLE_CALL, read_fault
from lib.practice.locale import translate
from lib.practice.problem import FieldFault, ProblemError
from lib.practice.reply import PROBLEM, Reply
from lib.practice.routes import Endpoint, find
from lib.practice.wire import drop
from lib.practice.world import World

log = logging.getLogger(__name__)

PREFIX = "/3.0"
FAULT_HEADER = "x-practice-fault"


@dataclass(slots=True)
class Exchange:
    """The ASGI application for everything below ``/3.0``."""

    world: World

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        arrived = time.monotonic()
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        request_id = str(uuid.UUID(int=self.world.random.getrandbits(128), version=4))
        reply = await self._answer(request, body, request_id, arrived)
        if reply is None:
            self.world.stats.statuses["dropped"] += 1
            await drop(scope)
            return
        self.world.stats.statuses[str(reply.status)] += 1
        await _response(reply, request_id)(scope, receive, send)

    async def _answer(
        self, request: Request, body: bytes, request_id: str, arrived: float
    ) -> Reply | None:
        world = self.world
        try:
            key = identify(world, request.headers.get("authorization", ""))
        except ProblemError as problem:
            return refuse(problem, request_id)
        if not world.slots.take(key):
            return breakage.throttled(world.disputes, request_id)
        try:
            return await self._work(request, body, request_id, arrived)
        finally:
            world.slots.give_back(key)

    async def _work(
        self, request: Request, body: bytes, request_id: str, arrived: float
    ) -> Reply | None:
        world, method = self.world, request.method
        path = request.scope["path"].removeprefix(PREFIX) or "/"
        try:
            endpoint, template, params = find(path, method)
            world.stats.calls[f"{method} {template}"] += 1
            struck = self._strike(request, template)
        except ProblemError as problem:
            return refuse(problem, request_id)
        call = Call(world, method, params, request.query_params, body, struck, _base_url(request))
        whole = next((name for name in WHOLE_CALL if name in struck), "")
        if whole in breakage.BEFORE:
            reply = breakage.BEFORE[whole](request_id)
        else:
            reply = carry_out(endpoint, call, request_id)
        await self._wait(arrived, whole)
        late = time.monotonic() - arrived >= world.latency.cut_off
        if whole in breakage.AFTER:
            return breakage.AFTER[whole](reply, request_id)
        return breakage.gateway_timeout(request_id) if late else reply

    def _strike(self, request: Request, template: str) -> frozenset[str]:
        world = self.world
        struck = world.faults.strike(request.method, template, world.random)
        for text in filter(None, request.headers.get(FAULT_HEADER, "").split(",")):
            try:
                fault = read_fault(text)
            except ValueError as error:
                named = FieldFault(FAULT_HEADER, str(error))
                raise ProblemError(400, "Practice", "No such fault", named) from None
            if fault.rate >= 1 or world.random.random() < fault.rate:
                struck.add(fault.name)
        world.stats.faults.update(struck)
        return frozenset(struck)

    async def _wait(self, arrived: float, whole: str) -> None:
        latency = self.world.latency
        seconds = latency.slow if whole == "slow" else latency.draw(self.world.random)
        remaining = arrived + min(seconds, latency.cut_off) - time.monotonic()
        if remaining > 0:
            await asyncio.sleep(remaining)


def carry_out(endpoint: Endpoint, call: Call, request_id: str) -> Reply:
    """Do the work of a call, and keep what it changed before anybody is told."""
    try:
        return endpoint(call)
    except ProblemError as problem:
        return refuse(problem, request_id, call.language)
    except Exception as error:
        # The error's own words may hold an address.
        log.error("An endpoint failed: %s in %s.", type(error).__name__, _place(error))
        return refuse(breakage.internal_error(), request_id)
    finally:
        call.world.keep()


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def refuse(problem: ProblemError, request_id: str, language: str = "en") -> Reply:
    """A problem as a reply."""
    problem.faults = tuple(
        FieldFault(fault.field, translate(fault.message, language)) for fault in problem.faults
    )
    headers = (("Allow", ", ".join(problem.allow)),) if problem.allow else ()
    return Reply(problem.status, problem.document(request_id), PROBLEM, headers)


def _base_url(request: Request) -> str:
    # Starlette's own base URL would hold the prefix of the mount.
    return f"{request.url.scheme}://{request.headers.get('host', '127.0.0.1')}"


def _response(reply: Reply, request_id: str) -> Response:
    headers = dict(reply.headers) | {"Server": "openresty"}
    if reply.media:
        headers["Content-Type"] = reply.media
    if reply.media.startswith("application/"):
        headers |= {
            "X-Request-Id": request_id,
            "Vary": "Accept-Encoding",
            "Link": '<https://us1.api.mailchimp.com/schema/3.0/Root.json>; rel="describedBy"',
        }
    return Response(reply.body, reply.status, headers)
