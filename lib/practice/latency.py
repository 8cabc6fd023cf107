"""How long a call takes: a usual time, a scatter around it, and a tail of slow ones.

No figure for Mailchimp itself was ever published, so the numbers are the caller's; only the
cut-off at 120 seconds is documented.
"""

import math
import random
from dataclasses import dataclass

CUT_OFF_S = 120.0


@dataclass(frozen=True, slots=True)
class Latency:
    """The model; times in seconds, from the arrival of a request to its reply."""

    usual: float = 0.0
    """The median of ordinary calls. Work counts as part of it: it does not come on top."""
    scatter: float = 0.0
    """Sigma of a log-normal factor on the usual time; 0.3 is lively."""
    tail: float = 0.0
    """Share of calls that are slow."""
    tail_factor: float = 4.0
    """A slow call takes at least this many times longer; a Pareto tail goes on from there."""
    slow: float = 150.0
    """What the fault ``slow`` takes."""
    cut_off: float = CUT_OFF_S
    """No call takes longer: the caller gets 504 then, although the work is done."""
    finalizing: float = 0.0
    """How long a batch of operations stays in ``finalizing``; hours were seen."""

    def draw(self, chance: random.Random) -> float:
        """Seconds for one call."""
        seconds = self.usual
        if self.scatter:
            seconds *= math.exp(chance.gauss(0.0, self.scatter))
        if self.tail and chance.random() < self.tail:
            seconds *= self.tail_factor * chance.paretovariate(1.5)
        return seconds
