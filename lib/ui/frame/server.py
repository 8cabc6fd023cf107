"""The server around the sessions: what is settled before anybody arrives."""

import asyncio
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from lib.ui.frame.landing import Landing
from lib.ui.frame.returning import WayBack

_HEAD_START_S = 0.5
_PAGES = Path(__file__).parents[3] / "pages"
_LANDING = "home"
_NEXT = ("lib.ui.frame.frame", "lib.ui.frame.pages", "lib.ui.explore.steps")
"""What the first session imports, dearest first; a second and more of work for one core."""


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Make every page known by its address, then open the browser as ``streamlit run`` does.

    Streamlit 1.67 takes a folder ``pages`` beside app.py for a menu of its own until
    ``st.navigation`` has run once in the process, so that whoever comes first, by the address of
    a page, would be told that there is none (``_mpa_v1`` in scriptrunner/script_runner.py).
    """
    threading.Thread(target=_import_next, daemon=True).start()
    PagesManager.uses_pages_directory = False
    if not st.get_option("server.headless"):
        asyncio.get_running_loop().call_later(_HEAD_START_S, webbrowser.open, _address())
    yield


def middleware() -> list[Middleware]:
    """Return what every request passes through before Streamlit sees it."""
    base = str(st.get_option("server.baseUrlPath") or "")
    return [
        Middleware(Landing, page=_LANDING, base=base),
        Middleware(WayBack, pages=addresses(), base=base),
    ]


def addresses() -> tuple[str, ...]:
    """Return where each page is, below the address of the server."""
    return tuple(sorted(path.stem for path in _PAGES.glob("*/*.py")))


def _import_next() -> None:
    for name in _NEXT:
        import_module(name)


def _address() -> str:
    host = str(st.get_option("server.address") or "localhost")
    if host in {"0.0.0.0", "::"}:
        host = "localhost"
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}/{path}"
