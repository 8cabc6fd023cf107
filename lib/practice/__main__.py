"""The command line: ``python -m lib.practice``."""

import argparse
import gc
import json
import logging
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lib.practice.app import make_app
from lib.practice.company import leave_when_alone
from lib.practice.disk import Disk, InUseError
from lib.practice.disputes import Disputes, choose
from lib.practice.faults import Dial, read_fault
from lib.practice.filling import fill
from lib.practice.latency import Latency
from lib.practice.opening import open_account
from lib.practice.wire import listen, run, write_ready
from lib.practice.world import World


def main(arguments: list[str] | None = None) -> int:
    """Start, and answer until told to stop; returns the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        world = _world(asked)
        listening = listen(asked.port, int(world.account.get("port", 0)))
    except (ValueError, InUseError, OSError) as error:
        _say(f"practice: {error}")
        return 2 if isinstance(error, ValueError) else 1
    world.account["port"] = listening.getsockname()[1]
    world.altered = True
    if asked.members:
        fill(world.audiences[world.account["first"]], asked.members, world.now)
    world.keep()
    # A batch makes thousands of short-lived objects, which keeps the collector busy for nothing.
    gc.set_threshold(100_000, 20, 100)
    # uvicorn stops on a signal and then raises it again, for whoever started it: that is us.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    leave_when_alone(asked.while_held, asked.grace)
    run(make_app(world), listening, lambda: _announce(world, asked))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("practice", description="A stand-in for Mailchimp.")
    add = parser.add_argument
    add("--port", type=_port, default=0, help="default: that of last time, or any free one")
    add("--state", type=Path, metavar="DIR", help="keep everything there; else in memory only")
    add("--fault", action="append", default=[], metavar="NAME[=RATE]")
    add("--disputed", action="append", default=[], metavar="NAME=READING")
    add("--latency", type=float, default=0.0, metavar="S", help="seconds a call takes")
    add("--tail", type=float, default=0.0, metavar="SHARE", help="share of calls far slower")
    add("--members", type=int, default=0, metavar="N", help="fill the first audience")
    add(
        "--people",
        type=Path,
        metavar="FILE",
        help="who the first audience begins with: Mailchimp's members, a JSON object a line",
    )
    add("--seed", type=int, default=1, help="of all chance")
    add("--while-held", type=Path, action="append", default=[], metavar="FILE",
        help="end once no process holds a lock on any of these files")  # fmt: skip
    add("--grace", type=float, default=60.0, metavar="S", help="how long none may be held")
    add("--ready-file", type=Path, metavar="FILE")
    add("--json", action="store_true", help="say where it listens as JSON")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is no port: give one from 0 to 65535")
    return port


def _world(asked: argparse.Namespace) -> World:
    if asked.people and not asked.people.is_file():
        raise ValueError(f"there is no file {asked.people}")
    dial = Dial(seed=asked.seed)
    for text in asked.fault:
        dial.turn(read_fault(text))
    chosen = dict(text.partition("=")[::2] for text in asked.disputed)
    world = World(
        Disk(asked.state),
        time.time,
        random.Random(asked.seed),
        disputes=choose(Disputes(), chosen),
        latency=Latency(usual=asked.latency, tail=asked.tail),
        faults=dial,
        people=asked.people,
    )
    if not world.load():
        open_account(world)
    return world


def _announce(world: World, asked: argparse.Namespace) -> None:
    ready = {
        "url": f"http://127.0.0.1:{world.account['port']}",
        "api_key": world.key,
        "audience_id": world.account["first"],
        "pid": os.getpid(),
    }
    if asked.ready_file:
        write_ready(asked.ready_file, ready)
    _say(json.dumps(ready) if asked.json else _words(ready), sys.stdout)


def _words(ready: dict[str, Any]) -> str:
    return (
        f"Practice Mailchimp listens at {ready['url']}\n"
        f"  API key      {ready['api_key']}\n"
        f"  audience id  {ready['audience_id']}"
    )


def _say(text: str, stream: Any = None) -> None:  # noqa: ANN401
    stream = stream or sys.stderr
    stream.write(f"{text}\n")
    stream.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    sys.exit(main())
