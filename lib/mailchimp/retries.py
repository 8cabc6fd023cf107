"""Repeating what may be repeated, with jittered waits."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from lib.errors import (
    CredentialsError,
    InDoubtError,
    MailchimpError,
    ThrottledError,
    UnavailableError,
)

Answer = TypeVar("Answer")
TURNED_AWAY = (CredentialsError, ThrottledError, UnavailableError)
"""Errors that say that this attempt was not applied, and nothing about the ones before it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on asking.

    Args:
        attempts: most times to ask, when answers are lost, broken or 5xx.
        throttled: most times to ask when Mailchimp says "too many connections".
        first_s: the first wait is random between 0 and this; it doubles each time.
        longest_s: no wait is longer.
        sleep: waits so many seconds; may raise to end it all.
        chance: returns a random number between 0 and 1.
    """

    attempts: int = 5
    throttled: int = 12
    first_s: float = 0.5
    longest_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def with_attempts(self, attempts: int) -> "Patience":
        """The same with another number of attempts; 0 changes nothing."""
        return replace(self, attempts=attempts) if attempts else self

    def wait(self, failures: int) -> None:
        """Wait before the next attempt, after so many failures (full jitter)."""
        most = min(self.longest_s, self.first_s * 2.0 ** (failures - 1))
        self.sleep(self.chance() * most)


def repeat(ask: Callable[[], Answer], patience: Patience, *, repeatable: bool) -> Answer:
    """Ask until there is an answer, an error that asking again cannot cure, or no patience.

    Args:
        ask: one attempt.
        patience: how often and how long.
        repeatable: the call may be applied twice without harm; if not, a lost answer ends it.
    """
    met: list[MailchimpError] = []
    while True:
        try:
            return ask()
        except MailchimpError as error:
            met.append(error)
            if _is_enough(met, patience, repeatable):
                raise _heaviest(met) from None
        patience.wait(len(met))


def _is_enough(met: Sequence[MailchimpError], patience: Patience, repeatable: bool) -> bool:
    throttled = sum(isinstance(error, ThrottledError) for error in met)
    if isinstance(met[-1], ThrottledError):
        return throttled >= patience.throttled
    return len(met) - throttled >= patience.attempts or not _curable(met[-1], repeatable)


def _heaviest(met: Sequence[MailchimpError]) -> MailchimpError:
    """Return the last error; but what was in doubt stays so when a later attempt is turned away."""
    if not isinstance(met[-1], TURNED_AWAY):
        return met[-1]
    return next((error for error in reversed(met) if isinstance(error, InDoubtError)), met[-1])


def _curable(error: MailchimpError, repeatable: bool) -> bool:
    return isinstance(error, UnavailableError) or (isinstance(error, InDoubtError) and repeatable)
