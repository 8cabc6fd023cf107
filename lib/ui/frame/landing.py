"""The page where people land stands at the base address; its own name leads there too.

Streamlit 1.67 knows the first page of a menu by no name (``url_path`` of ``st.Page``), and tells
whoever asks for it by name that there is none.
"""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Landing:
    """Middleware that leads from the name of the first page to the base address.

    Args:
        app: the server.
        page: name of the first page, such as ``home``.
        base: path that the server is reached below; empty for none.
    """

    def __init__(self, app: ASGIApp, page: str, base: str = "") -> None:
        self._app = app
        self._base = "/" + base.strip("/") if base.strip("/") else ""
        self._name = f"{self._base}/{page}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect whoever asks for the page by its name; everything else passes untouched."""
        app = self._app
        if scope["type"] == "http" and str(scope["path"]).rstrip("/") == self._name:
            app = RedirectResponse(f"{self._base}/")
        await app(scope, receive, send)
