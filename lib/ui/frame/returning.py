"""The way back after signing in: to the page that was asked for, instead of the first one.

Streamlit 1.67 sends everybody to its base address after ``/oauth2callback``. The page is kept
meanwhile in a cookie of the browser that asks to sign in (``/auth/login``); only the address of a
page that is there is gone back to.
"""

from collections.abc import Callable, Collection
from http.cookies import SimpleCookie
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COOKIE = "muster_return"
_KEPT_S = 600
_LONGEST = 500


class WayBack:
    """Middleware around the two addresses of signing in; everything else passes untouched.

    Args:
        app: the server.
        pages: addresses below the base, such as ``connections``.
        base: path that the server is reached below; empty for none.
    """

    def __init__(self, app: ASGIApp, pages: Collection[str], base: str = "") -> None:
        self._app = app
        self._pages = frozenset(pages)
        self._base = "/" + base.strip("/") if base.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the page on the way out, and lead back to it on the way in."""
        path = str(scope.get("path", "")) if scope["type"] == "http" else ""
        if path == f"{self._base}/auth/login":
            kept = self._page(Headers(scope=scope).get("referer", ""))
            send = _changing(send, lambda reply: _keep(reply, kept))
        elif path == f"{self._base}/oauth2callback":
            wanted = self._page(_cookie(Headers(scope=scope)))
            send = _changing(send, lambda reply: self._lead(reply, wanted))
        await self._app(scope, receive, send)

    def _page(self, address: str) -> str:
        """Return page and query of an address; empty when there is no such page."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        name = parts.path.removeprefix(self._base).strip("/")
        if name not in self._pages or len(address) > _LONGEST:
            return ""
        query = quote(parts.query, safe="=&%+")
        return f"{self._base}/{name}" + (f"?{query}" if query else "")

    def _lead(self, reply: MutableHeaders, wanted: str) -> None:
        if wanted and reply.get("location") == f"{self._base}/":
            reply["location"] = wanted
        _keep(reply, "")


def _cookie(headers: Headers) -> str:
    found = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
    return unquote(found.value) if found else ""


def _keep(reply: MutableHeaders, page: str) -> None:
    life = _KEPT_S if page else 0
    reply.append(
        "set-cookie",
        f"{_COOKIE}={quote(page, safe='')}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax",
    )


def _changing(send: Send, change: Callable[[MutableHeaders], None]) -> Send:
    async def changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            change(MutableHeaders(scope=message))
        await send(message)

    return changed
