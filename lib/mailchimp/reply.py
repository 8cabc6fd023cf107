"""A reply that was checked: what passes here has a body of the promised kind.

The SDK hands back a bare response, success or not, when the body is empty or no JSON (read in its
source, 3.0.80), and Mailchimp's throttling has an empty body; so nothing is believed by type.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.errors import InDoubtError, MailchimpError, UnavailableError
from lib.mailchimp import faults


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """Status, content and request id of one answer, and which call it answers."""

    method: str
    path: str
    status: int
    content_type: str
    content: bytes
    request_id: str
    at: datetime | None = None
    """Mailchimp's own clock when it answered, UTC without zone, in whole seconds."""

    def document(self) -> dict[str, Any]:
        """The JSON object in it.

        Raises:
            UnavailableError: broken answer to a question.
            InDoubtError: broken answer to a write.
        """
        try:
            document = json.loads(self.content)
        except ValueError:
            raise self.broken() from None
        if not isinstance(document, dict):
            raise self.broken()
        return document

    def broken(self) -> MailchimpError:
        """The error for an answer that says success and cannot be read."""
        return lost(self.method, "broken answer", self.status, self.request_id)


def check(reply: Reply) -> Reply:
    """Let a success through, and raise for everything else.

    Raises:
        MailchimpError: the subclass that says who can do what about it.
    """
    if reply.status == 204:
        return reply
    if 200 <= reply.status < 300:
        if "json" in reply.content_type and reply.content.rstrip().endswith(b"}"):
            return reply
        raise reply.broken()
    raise _refused(reply)


def lost(method: str, why: str, status: int | None = None, request_id: str = "") -> MailchimpError:
    """The error for a request that may have arrived but whose answer cannot be used."""
    if method == "GET":
        return UnavailableError(faults.DOWN, status=status, title=why, request_id=request_id)
    return InDoubtError(faults.IN_DOUBT, status=status, title=why, request_id=request_id)


def _refused(reply: Reply) -> MailchimpError:
    problem = _problem(reply)
    # 503 is a block before the API or a method switched off (error glossary): nothing was written.
    if reply.status >= 500 and reply.status != 503:
        return lost(reply.method, _title(problem, reply), reply.status, reply.request_id)
    kind, sentence = faults.explain(reply.status, reply.path, problem)
    errors = problem.get("errors") if isinstance(problem.get("errors"), list) else []
    return kind(
        sentence,
        status=reply.status,
        title=_title(problem, reply),
        detail=str(problem.get("detail") or ""),
        fields=[
            (str(one.get("field") or ""), str(one.get("message") or ""))
            for one in errors or ()
            if isinstance(one, Mapping)
        ],
        request_id=reply.request_id or str(problem.get("instance") or ""),
    )


def _title(problem: Mapping[str, Any], reply: Reply) -> str:
    return str(problem.get("title") or f"HTTP {reply.status}")


def _problem(reply: Reply) -> dict[str, Any]:
    if "json" not in reply.content_type:
        return {}
    try:
        problem = json.loads(reply.content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
