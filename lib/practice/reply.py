"""What an endpoint answers, before latency, faults and headers are put around it."""

import json
from dataclasses import dataclass
from typing import Any

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: status, body as bytes, media type ("" for none), further headers."""

    status: int = 200
    body: bytes = b""
    media: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


def document(value: Any, status: int = 200) -> Reply:  # noqa: ANN401 - any JSON
    """A JSON reply of ``value``."""
    return Reply(status, json.dumps(value, separators=(",", ":")).encode())


def nothing() -> Reply:
    """204: an empty body that still names JSON as its type, as recorded."""
    return Reply(204)
