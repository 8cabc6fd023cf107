"""Sockets: listen, tell where, drop a connection without a word, stop cleanly."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_transports: dict[tuple[str, int], asyncio.Transport] = {}


class DroppableProtocol(H11Protocol):
    """HTTP over a connection that an endpoint can cut; uvicorn shows it none."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection by the caller's address."""
        super().connection_made(transport)
        if self.client:
            _transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.client:
            _transports.pop(self.client, None)
        super().connection_lost(exc)


async def drop(scope: Scope) -> None:
    """Cut the connection of a request so that the caller sees a reset, not an end."""
    transport = _transports.get(tuple(scope["client"]))
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    # Lingering for no time at all makes the kernel send RST.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    # The protocol hears of it in the loop's next round; until then uvicorn would answer 500.
    for _ in range(3):
        await asyncio.sleep(0)


def listen(port: int, wished: int = 0) -> socket.socket:
    """A listening socket on loopback: ``port``, or when that is 0 ``wished`` or any free one.

    Raises:
        OSError: When ``port`` is taken.
    """
    for candidate in [port] if port else [wished, 0]:
        # asyncio switches Nagle's delay off only where the protocol is named: 40 ms per reply.
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", candidate))
        except OSError:
            found.close()
            if candidate == 0 or port:
                raise
            continue
        return found
    raise OSError("no free port")


def write_ready(path: Path, document: dict[str, Any]) -> None:
    """Say in a file that everything is up; the file appears whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(document))
    part.replace(path)


class Listener(uvicorn.Server):
    """uvicorn that tells when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self._ready()


def run(app: ASGIApp, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer requests until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
        http=DroppableProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # Connections of a pool may rest for a while between two pushes.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        server_header=False,
        date_header=True,
    )
    Listener(config, ready).run(sockets=[listening])
