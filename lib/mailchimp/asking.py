"""Asking: one call of the SDK, repeated if need be, and its answer read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from lib.mailchimp.reply import Reply
from lib.mailchimp.retries import Patience, repeat
from lib.mailchimp.transport import Transport

Answer = TypeVar("Answer")
QUICK_S = 20.0
"""Seconds for calls a person waits for."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How every call is asked; shared by the nouns of the client."""

    transport: Transport
    patience: Patience

    def ask(
        self,
        call: Callable[[], Reply],
        read: Callable[[Reply], Answer],
        *,
        repeatable: bool = True,
        attempts: int = 0,
    ) -> Answer:
        """Ask, and read the answer; an answer that cannot be read is asked for again."""
        patience = self.patience.with_attempts(attempts)
        return repeat(lambda: read(call()), patience, repeatable=repeatable)

    def document(self, call: Callable[[], Reply], *, repeatable: bool = True) -> dict[str, Any]:
        """Ask for one JSON object."""
        return self.ask(call, Reply.document, repeatable=repeatable)

    def rows(self, key: str, page: Callable[[int], Reply]) -> Iterator[dict[str, Any]]:
        """Ask for every page of a short listing.

        Args:
            key: where the rows stand in a page.
            page: asks for the page at an offset, PAGE rows at most.
        """
        offset = 0
        while True:
            document = self.document(lambda at=offset: page(at))  # type: ignore[misc]
            rows = document.get(key) or []
            yield from rows
            offset += len(rows)
            if not rows or offset >= int(document.get("total_items") or 0):
                return
