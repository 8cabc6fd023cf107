"""The fault dial: what goes wrong, how often, and for which calls."""

import hashlib
import random
from dataclasses import asdict, dataclass, field
from typing import Any

WHOLE_CALL = {
    "bare-429": "429 with an empty body and no content type",
    "bare-403": "403 with an empty body: throttling, as Mailchimp's own plugin reads it",
    "problem-429": "429 as a problem document",
    "400": "a bad request as a problem document; nothing is written",
    "500": "an internal error as a problem document; nothing is written",
    "502-html": "502 with a page of the gateway; nothing is written",
    "503-html": "503 with the page of the edge that blocks suspicious requests",
    "504-html": "504 with a page of the gateway, although the write was applied",
    "truncated-json": "200 with a reply that ends in the middle; the write was applied",
    "reset-before": "the connection is dropped before the write is applied",
    "reset-after": "the connection is dropped after the write was applied",
    "slow": "the write is applied, the reply comes after the caller's patience",
    "key-revoked": "403: the account was disabled",
    "low-role": "403: the user may not do this",
    "disabled-method": "503 as a problem document: compliance has disabled the method",
}
PER_ADDRESS = {
    "reject-address": "some addresses are refused as fake, always the same ones",
    "signup-throttle": "some new addresses have signed up to too many lists recently",
}
MANNERS = {
    "locale": "field messages in German",
    "duplicate-call": "400 for a whole batch that holds an address twice",
    "partial-untag": "every second member keeps the tag that is taken off, and only counts tell",
}
NAMES = WHOLE_CALL | PER_ADDRESS | MANNERS
ON = ("all", "reads", "writes", "batch")


@dataclass(slots=True)
class Fault:
    """One setting of the dial."""

    name: str
    rate: float = 1.0
    """Share of calls (or addresses) that it strikes."""
    on: str = "all"
    """Which calls: all, reads (GET), writes (the others), batch (POST /lists/{id})."""
    times: int | None = None
    """Strike so many times, then stop; None for ever."""
    after: int = 0
    """Let so many calls pass first."""

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"no fault {self.name!r}; there are: {', '.join(NAMES)}")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"the rate of a fault is between 0 and 1, not {self.rate}")
        if self.on not in ON:
            raise ValueError(f"a fault is on {', '.join(ON)}, not {self.on!r}")

    def strikes(self, method: str, template: str, chance: random.Random) -> bool:
        """Whether it strikes this call; counts down ``after`` and ``times``."""
        if not self._concerns(method, template) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        struck = self.rate >= 1 or chance.random() < self.rate
        if struck and self.times is not None:
            self.times -= 1
        return struck

    def _concerns(self, method: str, template: str) -> bool:
        if self.on == "batch":
            return method == "POST" and template == "/lists/{list_id}"
        return self.on == "all" or (method == "GET") == (self.on == "reads")


@dataclass(slots=True)
class Dial:
    """All faults that are set, with the seed of their chance."""

    settings: dict[str, Fault] = field(default_factory=dict)
    seed: int = 0

    def turn(self, fault: Fault) -> None:
        """Set a fault; a rate of 0 takes it away."""
        if fault.rate:
            self.settings[fault.name] = fault
        else:
            self.settings.pop(fault.name, None)

    def strike(self, method: str, template: str, chance: random.Random) -> set[str]:
        """Names of the faults that strike a call; per-address ones are asked for separately."""
        return {
            fault.name
            for fault in self.settings.values()
            if fault.name not in PER_ADDRESS and fault.strikes(method, template, chance)
        }

    def unlucky(self, name: str, email: str, struck: frozenset[str]) -> bool:
        """Whether a per-address fault strikes an address: the same answer every time."""
        if name in struck:
            return True
        fault = self.settings.get(name)
        if fault is None:
            return False
        text = f"{self.seed} {name} {email.lower()}"
        number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())
        return number < fault.rate * 2**48

    def document(self) -> list[dict[str, Any]]:
        """The dial as JSON."""
        return [asdict(fault) for fault in self.settings.values()]


def read_fault(text: str) -> Fault:
    """A fault from ``NAME`` or ``NAME=RATE``.

    Raises:
        ValueError: For an unknown name or a rate that is none.
    """
    name, _, rate = text.strip().partition("=")
    try:
        return Fault(name, float(rate) if rate else 1.0)
    except ValueError as error:
        if name in NAMES and rate:
            raise ValueError(f"the rate of {name} is a number between 0 and 1") from error
        raise
