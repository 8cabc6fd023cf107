"""One practice Mailchimp for all tests of the room, put back to its first day before each."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.conftest import Practice

Json = Any
"""What a reply holds; tests say what they expect of it."""


@dataclass
class Api:
    """Calls over real HTTP; ``audience`` is the first audience's path."""

    url: str
    key: str
    audience: str
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, method: str, path: str, **options: Json) -> requests.Response:
        """Make a call of the API, with the key unless told otherwise."""
        options.setdefault("auth", ("anybody", self.key))
        options.setdefault("timeout", 10)
        return self.session.request(method, f"{self.url}/3.0{path}", **options)

    def ask(self, method: str, path: str, status: int = 200, **options: Json) -> Json:
        """Make a call that must answer with ``status``; returns its JSON."""
        reply = self.send(method, path, **options)
        assert reply.status_code == status, reply.text[:500]
        return reply.json() if reply.content else None

    def get(self, path: str, status: int = 200, /, **query: Json) -> Json:
        """GET with query parameters."""
        return self.ask("GET", path, status, params=query)

    def batch(self, *members: Json, status: int = 200, query: Json = None, **body: Json) -> Json:
        """Batch subscribe to the first audience, existing members included."""
        body = {"members": list(members), "update_existing": True} | body
        return self.ask("POST", self.audience, status, json=body, params=query)

    def member(self, email: str) -> Json:
        """A member as it is now."""
        return self.get(self.path(email))

    def path(self, email: str) -> str:
        """The path of a member."""
        digest = hashlib.md5(email.lower().encode()).hexdigest()
        return f"{self.audience}/members/{digest}"

    def dial(self, name: str, **body: Json) -> Json:
        """Set something below ``/practice/``."""
        reply = self.session.post(f"{self.url}/practice/{name}", json=body, timeout=30)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def read(self, **disputes: str) -> None:
        """Choose readings of disputed behaviours."""
        self.dial("disputes", **disputes)

    def state(self) -> Json:
        """What ``/practice/`` says."""
        return self.session.get(f"{self.url}/practice/", timeout=10).json()


@pytest.fixture
def api(practice: Practice) -> Iterator[Api]:
    """Return the API of a practice Mailchimp on its first day."""
    path = f"/lists/{practice.audience_id}"
    fresh = Api(practice.url, practice.api_key, path)
    yield fresh
    fresh.session.close()


def new(email: str, **further: Json) -> dict[str, Json]:
    """A member of a batch who is subscribed if new."""
    return {"email_address": email, "status_if_new": "subscribed"} | further
