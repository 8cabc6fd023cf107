"""The transport: the SDK's ApiClient, carrying one call once over a pooled connection.

Compared with the SDK's own: connections are reused, bytes go out as they are, the word "server" in
a URL is left alone, queries are well formed, a call has a deadline, and every answer is checked.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests
import urllib3
from mailchimp_marketing.api_client import ApiClient
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from lib.errors import MailchimpError, ThrottledError, UnavailableError
from lib.mailchimp import faults
from lib.mailchimp.budget import Budget
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.reply import Reply, check, lost

CONNECT_S = 10.0
CHUNK = 1 << 17
Query = Mapping[str, Any] | Sequence[tuple[str, Any]] | None


class Transport(ApiClient):  # type: ignore[misc]  # the SDK has no types
    """One account's transport; thread-safe.

    Args:
        credentials: where and as whom.
        budget: the connections it may open at once.
        timeout_s: longest a call may take, below Mailchimp's own 120 s so that we give up first.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        credentials: Credentials,
        budget: Budget,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # The SDK's constructor would take the key and put "server" into addresses: not called.
        self.host = credentials.base_url
        self.default_headers: dict[str, str] = {}
        self.budget = budget
        self.timeout = timeout_s
        self.calls = 0
        self.guard: Callable[[], None] = lambda: None
        self._clock = clock
        self._count = threading.Lock()
        self._session = _session(credentials, budget.most)

    def __repr__(self) -> str:
        return "Transport()"

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def call_api(  # noqa: PLR0917 - the SDK calls it by position
        self,
        resource_path: str,
        method: str,
        path_params: Mapping[str, object] | None = None,
        query_params: Query = None,
        header_params: Mapping[str, str] | None = None,
        body: object = None,
        collection_formats: object = None,
        **kwargs: object,
    ) -> Reply:
        """Carry one call of the SDK, once.

        Raises:
            MailchimpError: for everything that is no success.
        """
        path = resource_path
        for name, value in (path_params or {}).items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        timeout = kwargs.get("_request_timeout")
        deadline_s = float(timeout) if isinstance(timeout, int | float) else self.timeout
        with self.budget.connection() as turn:
            self.guard()
            try:
                reply = check(self._send(method, path, query(query_params), body, deadline_s))
            except MailchimpError as error:
                if isinstance(error, ThrottledError) or error.title == TIMED_OUT:
                    self.budget.narrow(turn)
                raise
            self.budget.widen(turn)
            return reply

    def _send(
        self, method: str, path: str, params: list[tuple[str, str]], body: object, timeout: float
    ) -> Reply:
        with self._count:
            self.calls += 1
        started = self._clock()
        try:
            with self._session.request(
                method,
                self.host + path,
                params=params,
                data=encode(body),
                timeout=(min(CONNECT_S, timeout), timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(method, response, started + timeout)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError):
            raise UnavailableError(faults.UNREACHABLE) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError):
            raise lost(method, TIMED_OUT) from None
        except requests.exceptions.ConnectionError as error:
            if never_sent(error):
                raise UnavailableError(faults.UNREACHABLE) from None
            timed_out = "timed out" in str(error).lower()
            raise lost(method, TIMED_OUT if timed_out else "connection lost") from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
            raise lost(method, "broken answer") from None
        return Reply(
            method=method,
            path=path,
            status=response.status_code,
            content_type=response.headers.get("Content-Type", "").lower(),
            content=content,
            request_id=response.headers.get("X-Request-Id", ""),
            at=moment(response.headers.get("Date", "")),
        )

    def _read(self, method: str, response: requests.Response, deadline: float) -> bytes:
        # Not iter_content: it waits for a whole chunk, so a trickling answer would have no end.
        chunks: list[bytes] = []
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            chunks.append(chunk)
            if self._clock() > deadline:
                raise lost(method, TIMED_OUT)
        return b"".join(chunks)


TIMED_OUT = "time-out"


def query(params: Query) -> list[tuple[str, str]]:
    """Query pairs as Mailchimp reads them: lists joined by commas, booleans in lower case."""
    pairs = params.items() if isinstance(params, Mapping) else params or ()
    return [(name, _text(value)) for name, value in pairs if value is not None]


def moment(date: str) -> datetime | None:
    """A Date header as UTC without zone; None when there is none."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return None


def encode(body: object) -> bytes | None:
    """The body's bytes; bytes go out untouched.

    Raises:
        ValueError: for NaN and infinities, which JSON cannot say.
    """
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


def never_sent(error: requests.exceptions.ConnectionError) -> bool:
    """Say whether the connection could not even be opened, so that nothing can have arrived."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ProxyError"}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(_text(one) for one in value)
    return str(value)


def _session(credentials: Credentials, connections: int) -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.auth = _Authorization(credentials.authorization)
    session.headers.update(
        {
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
            "User-Agent": "Muster",
        }
    )
    return session


class _Authorization(AuthBase):
    """Puts the header on; without one, requests would look for a .netrc file's."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request
