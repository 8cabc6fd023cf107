"""Repeating what may be repeated, with jittered waits."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from lib.errors import InDoubtError, MailchimpError, ThrottledError, UnavailableError

Answer = TypeVar("Answer")


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
    failures = throttled = 0
    while True:
        try:
            return ask()
        except ThrottledError:
            throttled += 1
            if throttled >= patience.throttled:
                raise
        except MailchimpError as error:
            failures += 1
            if failures >= patience.attempts or not _curable(error, repeatable):
                raise
        patience.wait(failures + throttled)


def _curable(error: MailchimpError, repeatable: bool) -> bool:
    return isinstance(error, UnavailableError) or (isinstance(error, InDoubtError) and repeatable)
