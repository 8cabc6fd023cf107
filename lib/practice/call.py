"""One call of the API as an endpoint sees it: already authenticated, its body read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lib.practice.audience import Audience
from lib.practice.disputes import Disputes
from lib.practice.problem import FieldFault, json_fault, schema_fault
from lib.practice.projection import Projection, read_projection
from lib.practice.subscription import Terms
from lib.practice.world import World

DEFAULT_COUNT, MOST_COUNT = 10, 1000


@dataclass(slots=True)
class Call:
    """Method, path parameters, query and body, with the world it acts upon."""

    world: World
    method: str
    params: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    struck: frozenset[str] = frozenset()
    """Faults of the dial that concern this call."""
    base_url: str = ""

    @property
    def audience(self) -> Audience:
        """The audience that the path names."""
        return self.world.audience(self.params["list_id"])

    @property
    def disputes(self) -> Disputes:
        """The readings chosen for disputed behaviours."""
        if "duplicate-call" in self.struck:
            return replace(self.world.disputes, duplicates="call_refused")
        return self.world.disputes

    @property
    def language(self) -> str:
        """The language of field messages."""
        return "de" if "locale" in self.struck else "en"

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object.

        Raises:
            ProblemError: 400, when it is no JSON, or not an object.
        """
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            raise json_fault() from None
        if not isinstance(value, dict):
            kind = "array" if isinstance(value, list) else "string"
            fault = FieldFault("", f"Schema describes object, {kind} found instead")
            raise schema_fault(fault)
        return value

    def projection(self) -> Projection:
        """What the query wants of the reply."""
        return read_projection(self.query)

    def page(self) -> tuple[int, int]:
        """Offset and count; a count above 1000 is lowered silently.

        Raises:
            ProblemError: 400, when one of them is no number, or negative.
        """
        offset = self._number("offset", 0)
        return offset, min(self._number("count", DEFAULT_COUNT), MOST_COUNT)

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        if not text:
            return default
        if not text.isdecimal():
            raise schema_fault(FieldFault(name, "Value must be a whole number, 0 or more"))
        return int(text)

    def flag(self, name: str) -> bool:
        """A yes or no of the query."""
        text = self.query.get(name, "")
        yes = ("true", "1", "True") if self.disputes.capital_booleans == "true" else ("true", "1")
        return text in yes

    def terms(self, *, in_batch: bool = False, sync_tags: bool = False) -> Terms:
        """What holds for every member this call writes."""
        return Terms(
            now=self.world.now,
            disputes=self.disputes,
            tag_id=self.world.next_id,
            unlucky=lambda name, email: self.world.faults.unlucky(name, email, self.struck),
            skip_merge_validation=self.flag("skip_merge_validation"),
            sync_tags=sync_tags,
            in_batch=in_batch,
        )
