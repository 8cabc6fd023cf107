"""The dial at ``/practice/``: faults, latency, readings, filling, statistics.

No key is needed, as only this machine can reach it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.practice import faults
from lib.practice.address import digest
from lib.practice.audience import Audience
from lib.practice.disputes import Disputes, choose, readings
from lib.practice.faults import Dial, Fault, read_fault
from lib.practice.filling import fill
from lib.practice.latency import Latency
from lib.practice.member import BY_SELF, CLEANED, STATUSES, UNSUBSCRIBED
from lib.practice.opening import open_account
from lib.practice.slots import Slots
from lib.practice.stats import Stats
from lib.practice.world import World

Change = Callable[[World, dict[str, Any]], dict[str, Any]]


def routes() -> list[Route]:
    """One GET that shows everything, and one POST for each thing that can be set."""
    changes = {
        "faults": set_faults,
        "latency": set_latency,
        "disputes": set_disputes,
        "stats": reset_stats,
        "reset": reset,
        "self-unsubscribe": unsubscribe,
        "fill": fill_up,
    }
    return [
        Route("/", _show, methods=["GET"]),
        *[Route(f"/{name}", _posted(change), methods=["POST"]) for name, change in changes.items()],
    ]


async def _show(request: Request) -> Response:
    return JSONResponse(describe(request.app.state.world, str(request.base_url)))


def describe(world: World, base_url: str) -> dict[str, Any]:
    """Everything about the practice Mailchimp but its key."""
    return {
        "url": base_url.removesuffix("practice/").rstrip("/"),
        "audience_id": world.account["first"],
        "audiences": [
            {
                "id": audience.list_id,
                "name": audience.settings["name"],
                "statuses": dict(zip(STATUSES, audience.members.count_statuses(), strict=True)),
            }
            for audience in world.audiences.values()
        ],
        "faults": world.faults.document(),
        "known_faults": faults.NAMES,
        "latency": asdict(world.latency),
        "disputes": asdict(world.disputes),
        "readings": readings(),
        "stats": world.stats.document()
        | {
            "connections": sum(world.slots.used.values()),
            "peak_connections": world.slots.peak,
            "refused_connections": world.slots.refused,
        },
    }


def _posted(change: Change) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await request.json() if await request.body() else {}
            if not isinstance(body, dict):
                raise ValueError("a JSON object is expected")
            return JSONResponse(change(request.app.state.world, body))
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


def set_faults(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Replace the dial by ``{"faults": [...], "seed": n}``; a fault is NAME=RATE or an object."""
    _require_known("faults", body, ("faults", "seed"))
    dial = Dial(seed=int(body.get("seed", world.faults.seed)))
    for one in body.get("faults", []):
        dial.turn(Fault(**one) if isinstance(one, dict) else read_fault(str(one)))
    if "seed" in body:
        world.random.seed(dial.seed)
    world.faults = dial
    return {"faults": dial.document()}


def set_latency(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Set some of the latency model's numbers."""
    _require_known("latency", body, [field.name for field in fields(Latency)])
    world.latency = replace(world.latency, **{name: float(body[name]) for name in body})
    return {"latency": asdict(world.latency)}


def _require_known(what: str, body: dict[str, Any], known: Sequence[str]) -> None:
    """Refuse what would be ignored, as a misspelt name would.

    Raises:
        ValueError: Naming what is known.
    """
    unknown = sorted(set(body) - set(known))
    if unknown:
        has = ", ".join(known) or "nothing to set"
        raise ValueError(f"{what} has {has}; not {', '.join(unknown)}")


def set_disputes(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Choose readings of disputed behaviours: ``{"resubscribe": "refused"}``."""
    world.disputes = choose(world.disputes, body)
    return {"disputes": asdict(world.disputes)}


def reset_stats(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Count from zero again."""
    _require_known("stats", body, ("reset",))
    world.stats = Stats()
    world.slots.peak = world.slots.refused = 0
    return {}


def reset(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Back to the first day, every switch at its default; only the key stays.

    With ``{"members": false}`` the audiences are empty.
    """
    _require_known("reset", body, ("members",))
    key = world.key
    world.disk.forget()
    world.audiences.clear()
    world.jobs.clear()
    open_account(world)
    world.account["key"] = key
    if body.get("members") is False:
        for audience in world.audiences.values():
            audience.members = type(audience.members)()
    world.faults, world.latency, world.disputes = Dial(), Latency(), Disputes()
    world.slots = Slots(used=world.slots.used)
    reset_stats(world, {})
    world.keep()
    return {"audience_id": world.account["first"]}


def unsubscribe(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Members unsubscribe (or bounce) by themselves, as no call of the API can do."""
    _require_known("self-unsubscribe", body, ("audience", "addresses", "bounced"))
    members = _audience(world, body).members
    status = CLEANED if body.get("bounced") else UNSUBSCRIBED
    done = 0
    for email in body.get("addresses", ()):
        row = members.find(digest(str(email)))
        if row is not None:
            members.status[row] = status
            members.reason[row] = BY_SELF
            members.touch(row, world.now)
            done += 1
    world.keep()
    return {"changed": done}


def fill_up(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Add members to an audience: ``{"members": 5000}``, with ``audience`` and ``prefix``."""
    _require_known("fill", body, ("audience", "members", "prefix"))
    count = body.get("members", 0)
    if not isinstance(count, int) or not 0 < count <= 5_000_000:
        raise ValueError("1 to 5,000,000 members are expected")
    audience = _audience(world, body)
    added = fill(audience, count, world.now, prefix=str(body.get("prefix", "member")))
    world.keep()
    return {"added": added}


def _audience(world: World, body: dict[str, Any]) -> Audience:
    """Return the audience that is meant, by default the first.

    Raises:
        ValueError: There is none of this ID.
    """
    wanted = str(body.get("audience") or world.account["first"])
    if wanted not in world.audiences:
        raise ValueError(f"no audience {wanted!r}; there are: {', '.join(world.audiences)}")
    return world.audiences[wanted]
