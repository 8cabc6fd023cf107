"""The OAuth 2 dance: authorize, token, metadata. Any client id may dance here."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lib.practice.world import DATA_CENTRE, World

_ASKED = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")


def routes() -> list[Route]:
    """The three endpoints of the dance."""
    return [
        Route("/oauth2/authorize", _ask, methods=["GET"]),
        Route("/oauth2/authorize", _decide, methods=["POST"]),
        Route("/oauth2/token", _exchange, methods=["POST"]),
        Route("/oauth2/metadata", _metadata, methods=["GET"]),
    ]


def _error(code: str, text: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": text}, status)


def _fault(asked: dict[str, str]) -> Response | None:
    if asked.get("response_type", "code") != "code":
        return _error("unsupported_response_type", "Only the code flow is supported")
    if not asked.get("client_id") or not asked.get("redirect_uri"):
        return _error("invalid_request", "client_id and redirect_uri are required")
    return None


async def _ask(request: Request) -> Response:
    """A page with one question; a person answers it."""
    asked = dict(request.query_params)
    fault = _fault(asked)
    if fault:
        return fault
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked.get(name, ""))}">'
        for name in _ASKED
    )
    return HTMLResponse(
        "<!doctype html><title>Practice Mailchimp</title><h1>Practice Mailchimp</h1>"
        f"<p>Allow <b>{escape(asked['client_id'])}</b> full access to this practice account?</p>"
        f'<form method="post">{hidden}<button name="answer" value="allow">Allow</button> '
        '<button name="answer" value="deny">Deny</button></form>'
    )


async def _decide(request: Request) -> Response:
    """Back to the program with a code, or with a refusal."""
    async with request.form() as form:
        asked = {name: str(value) for name, value in form.items()}
    fault = _fault(asked)
    if fault:
        return fault
    answer = {"state": asked["state"]} if asked.get("state") else {}
    if asked.get("answer") == "allow":
        code = secrets.token_hex(16)
        world: World = request.app.state.world
        kept = {name: asked.get(name, "") for name in _ASKED}
        world.account.setdefault("codes", {})[code] = kept | {"until": world.now + 600}
        world.altered = True
        world.keep()
        answer["code"] = code
    else:
        answer["error"] = "access_denied"
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return RedirectResponse(f"{asked['redirect_uri']}{joint}{urlencode(answer)}", 302)


async def _exchange(request: Request) -> Response:
    """A code for a token; each code once. Tokens never expire, there are no refresh tokens."""
    world: World = request.app.state.world
    async with request.form() as form:
        given = {name: str(value) for name, value in form.items()}
    if given.get("grant_type") != "authorization_code":
        return _error("unsupported_grant_type", "grant_type must be authorization_code")
    if not given.get("client_id") or not given.get("client_secret"):
        return _error("invalid_client", "client_id and client_secret are required", 401)
    kept = world.account.setdefault("codes", {}).pop(given.get("code", ""), None)
    if kept is None or kept["until"] < world.now or not _agrees(kept, given):
        return _error("invalid_grant", "The code is unknown, used, too old, or not yours")
    token = secrets.token_hex(16)
    world.account.setdefault("tokens", []).append(token)
    world.altered = True
    world.keep()
    return JSONResponse({"access_token": token, "expires_in": 0, "scope": None})


def _agrees(kept: dict[str, str], given: dict[str, str]) -> bool:
    if any(kept[name] != given.get(name, "") for name in ("client_id", "redirect_uri")):
        return False
    challenge, verifier = kept["code_challenge"], given.get("code_verifier", "")
    # Proof keys are not documented for Mailchimp: checked when both sides send them.
    if not challenge or not verifier:
        return True
    if kept["code_challenge_method"] != "S256":
        return challenge == verifier
    hashed = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(hashed).rstrip(b"=").decode() == challenge


async def _metadata(request: Request) -> Response:
    """Which data centre, which account: what a program needs after the dance."""
    world: World = request.app.state.world
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("oauth", "bearer") or token not in world.account.get("tokens", ()):
        return _error("invalid_token", "The access token is missing or invalid", 401)
    base = str(request.base_url).rstrip("/")
    login = {"email": "practice@nordlys.no", "login_id": 1, "login_name": "nordlys-practice"}
    return JSONResponse(
        {
            "dc": DATA_CENTRE,
            "role": "owner",
            "accountname": "Nordlys Handel (practice)",
            "user_id": 1,
            "login": login | {"avatar": None, "login_email": "practice@nordlys.no"},
            "login_url": base,
            "api_endpoint": base,
        }
    )
