"""Receivers of notices: a real HTTP server and a real mail server on this machine."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Hook:
    """A webhook that keeps what is posted to it; ``status`` and ``delay_s`` make it difficult."""

    port: int = 0
    status: int = 200
    answer: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    posted: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    @property
    def url(self) -> str:
        """Where it listens, with a secret in the path."""
        return f"http://127.0.0.1:{self.port}/services/T0/B0/s3cretToken"

    @property
    def said(self) -> list[str]:
        """The texts it took, in order."""
        return [str(one["text"]) for one in self.posted]

    @contextmanager
    def listening(self) -> Iterator["Hook"]:
        """Listen for the length of the block, on the same port as before."""
        server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(hook) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the request below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked += 1
                time.sleep(hook.delay_s)
                if 200 <= hook.status < 300:
                    hook.posted.append(json.loads(body))
                self.send_response(hook.status)
                for name, value in hook.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(BrokenPipeError):  # who asked may have lost patience
                    self.wfile.write(hook.answer)

            def do_GET(self) -> None:
                hook.asked += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@dataclass
class MailBox:
    """A mail server that keeps what it is given; ``refuse`` makes it refuse recipients."""

    port: int = 0
    user: str = ""
    password: str = ""
    refuse: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    @contextmanager
    def listening(self, certificate: Path | None = None, *, wrapped: bool = False) -> Iterator[str]:
        """Listen for the length of the block, and return the ``smtp_url`` that leads there."""
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        options: dict[str, Any] = {"ssl_context": context} if wrapped else {"tls_context": context}
        if self.user:
            options |= {"authenticator": self._check, "auth_required": True}
            options["auth_require_tls"] = context is not None and not wrapped
        controller = Controller(self, hostname="localhost", port=self.port, **options)
        if self.port == 0:
            controller.port = self.port = free_port()
        controller.start()
        scheme = "smtps" if wrapped else "smtp+starttls" if context else "smtp"
        who = f"{self.user}:{self.password}@" if self.user else ""
        try:
            yield f"{scheme}://{who}localhost:{self.port}"
        finally:
            controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a letter."""
        raw = envelope.content
        assert isinstance(raw, bytes)
        self.letters.append(message_from_bytes(raw, policy=policy.default))
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"

    def _check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (self.user.encode(), self.password.encode())
        return AuthResult(success=(data.login, data.password) == right, handled=False)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def until(true: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
