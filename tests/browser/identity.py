"""A small identity provider (OpenID Connect): code flow with PKCE, one signed key, no passwords."""

import base64
import hashlib
import json
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlencode

import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Provider:
    """The provider; ``people`` are the claims of each account that its page offers."""

    def __init__(self, port: int, people: dict[str, dict[str, object]]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.people = people
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._codes: dict[str, dict[str, str]] = {}
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/jwks", self._jwks),
                Route("/authorize", self._authorize),
                Route("/answer", self._answer),
                Route("/token", self._token, methods=["POST"]),
            ]
        )
        self._server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error")
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(5)

    def secrets(self, app_url: str) -> str:
        """What belongs into secrets.toml."""
        return (
            "[auth]\n"
            f'redirect_uri = "{app_url}/oauth2callback"\n'
            f'cookie_secret = "{secrets.token_hex(32)}"\n'
            'client_id = "muster"\nclient_secret = "hush"\n'
            f'server_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
        )

    async def _configuration(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _jwks(self, request: Request) -> Response:
        public = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "kid": "one",
            "use": "sig",
            "alg": "RS256",
            "n": _base64(public.n.to_bytes(256, "big")),
            "e": _base64(public.e.to_bytes(3, "big")),
        }
        return JSONResponse({"keys": [key]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        links = "".join(
            f'<p><a href="/answer?{urlencode({**asked, "who": who})}">{who}</a></p>'
            for who in self.people
        )
        return HTMLResponse(f"<!doctype html><title>Who are you?</title>{links}")

    async def _answer(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self._codes[code := secrets.token_hex(8)] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        asked = self._codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if asked is None or asked.get("code_challenge") != _base64(digest):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "a", "token_type": "Bearer", "id_token": self._signed(asked)}
        )

    def _signed(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": asked["who"],
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce", ""),
            **self.people[asked["who"]],
        }
        head = _base64(json.dumps({"alg": "RS256", "kid": "one"}).encode())
        body = _base64(json.dumps(claims).encode())
        signature = self._key.sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{head}.{body}.{_base64(signature)}"
