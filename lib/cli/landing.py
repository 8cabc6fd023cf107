"""Where a browser lands that comes back to a command: a listener on this machine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from lib.errors import InputError, TimeLimitError

_PAGE = (
    b"<!doctype html><html lang=en><title>Muster</title><body style='font-family:sans-serif'>"
    b"<p>Done here. Close this page and look at the terminal.</p>"
)


class Landing:
    """A listener that has begun; ``address`` is where the browser is to be sent."""

    def __init__(self, server: "_Server") -> None:
        self._server = server
        self.address = f"http://127.0.0.1:{server.server_port}/"

    def wait(self, seconds: float) -> dict[str, str]:
        """Return the query that the browser came back with.

        Raises:
            TimeLimitError: nobody came in time.
        """
        until = time.monotonic() + seconds
        while not self._server.came_back and (left := until - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        if not self._server.came_back:
            raise TimeLimitError("Nobody came back from Mailchimp in time; begin again.")
        return self._server.came_back


@contextmanager
def landing(port: int) -> Iterator[Landing]:
    """Listen for the length of the block; only this machine can reach it.

    Args:
        port: 0 takes a free one.

    Raises:
        InputError: another program has the port.
    """
    try:
        server = _Server(("127.0.0.1", port), _Answer)
    except OSError:
        raise InputError(f"Port {port} is taken on this machine; choose another.") from None
    try:
        yield Landing(server)
    finally:
        server.server_close()


class _Server(HTTPServer):
    came_back: dict[str, str] = {}  # noqa: RUF012 - replaced, never changed


class _Answer(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5
    """Whoever connects and says nothing does not keep the others waiting, in seconds."""

    def do_GET(self) -> None:
        """Take the query of the browser that comes back; whatever else it asks for is not here."""
        query = dict(parse_qsl(urlsplit(self.path).query))
        if "state" not in query:
            self.send_error(404)
            return
        self.server.came_back = query
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_PAGE)))
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address holds a code."""
