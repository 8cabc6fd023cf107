import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.ui.frame.landing import Landing
from lib.ui.frame.returning import WayBack

LOGIN, CALLBACK = "/auth/login", "/oauth2callback"


def reply(
    path: str,
    location: str,
    headers: Mapping[str, str],
    middleware: Callable[[ASGIApp], ASGIApp] = lambda server: WayBack(server, ["runs", "audit"]),
) -> Headers:
    """Return the headers of a redirect to the location that passed through the middleware."""
    sent: list[Message] = []

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        await RedirectResponse(location, 302)(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "headers": raw}
    way = middleware(server)

    async def passed() -> None:
        await way(scope, receive, send)

    # Not in this thread: a browser that an earlier test opened keeps its event loop running here.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(passed())).result()
    return Headers(raw=sent[0]["headers"])


def landed(address: str) -> str:
    out = reply(LOGIN, "https://login.example.test/", {"referer": address})
    cookie = out["set-cookie"].partition(";")[0]
    return reply(CALLBACK, "/", {"cookie": cookie})["location"]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("http://muster.test/runs", "/runs"),
        ("http://muster.test/runs?run=r%201&x=ø", "/runs?run=r%201&x=%C3%B8"),
        ("http://muster.test/", "/"),
        ("http://muster.test/runs/../x", "/"),
        ("http://evil.test//evil.test/runs", "/"),
        ("//evil.test", "/"),
        ("http://[", "/"),
        ("http://muster.test/runs?" + "x" * 600, "/"),
    ],
)
def test_signing_in_leads_back_to_a_page_that_is_there_and_nowhere_else(
    address: str, page: str
) -> None:
    assert landed(address) == page


def test_the_way_back_is_kept_for_one_sign_in() -> None:
    out = reply(LOGIN, "https://login.example.test/", {"referer": "http://muster.test/audit"})
    assert "Max-Age=600" in out["set-cookie"] and "HttpOnly" in out["set-cookie"]
    back = reply(CALLBACK, "/", {"cookie": out["set-cookie"].partition(";")[0]})
    assert "Max-Age=0" in back["set-cookie"]


@pytest.mark.parametrize("made_up", ["//evil.test", "https://evil.test/x", "/x\r\nlocation: y", ""])
def test_a_cookie_that_somebody_made_up_leads_home(made_up: str) -> None:
    cookie = {"cookie": f"muster_return={quote(made_up, safe='')}"}
    assert reply(CALLBACK, "/", cookie)["location"] == "/"


def test_line_breaks_never_reach_the_headers() -> None:
    cookie = {"cookie": f"muster_return={quote(chr(10).join(('/runs?a', 'b')), safe='')}"}
    assert reply(CALLBACK, "/", cookie)["location"] == "/runs?ab"


def test_other_answers_of_the_server_stay_as_they_are() -> None:
    cookie = {"cookie": "muster_return=%2Fruns"}
    assert reply(CALLBACK, "/elsewhere", cookie)["location"] == "/elsewhere"
    plain = reply("/runs", "/", cookie)
    assert plain["location"] == "/" and "set-cookie" not in plain


@pytest.mark.parametrize(
    ("base", "path", "location"),
    [
        ("", "/home", "/"),
        ("", "/home/", "/"),
        ("muster", "/muster/home", "/muster/"),
        ("muster", "/home", "elsewhere"),
        ("", "/homely", "elsewhere"),
        ("", "/", "elsewhere"),
    ],
)
def test_the_first_page_is_found_by_its_name_too(base: str, path: str, location: str) -> None:
    found = reply(path, "elsewhere", {}, lambda server: Landing(server, "home", base))
    assert found["location"] == location
