"""The client: everything Muster asks of Mailchimp, one method each."""

import random
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from lib.mailchimp.account import AccountCalls
from lib.mailchimp.asking import Asking
from lib.mailchimp.budget import MOST, Budget
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.member_calls import MemberCalls
from lib.mailchimp.merge_field import MergeFieldCalls
from lib.mailchimp.retries import Patience
from lib.mailchimp.tag import TagCalls
from lib.mailchimp.transport import Transport

TIMEOUT_S = 110.0
"""Below Mailchimp's own 120 s, so that it is always us who give up first."""


class Mailchimp(AccountCalls, MemberCalls, MergeFieldCalls, TagCalls):
    """One account; thread-safe. Close it, or use it as a context manager.

    Every method raises subclasses of ``lib.errors.MailchimpError``: CredentialsError, MissingError,
    RequestError, ThrottledError, UnavailableError and, for writes, InDoubtError.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def __repr__(self) -> str:
        return "Mailchimp()"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back connections and files."""
        self._asking.transport.close()
        self.budget.close()

    def guard(self, check: Callable[[], None]) -> None:
        """Have this called whenever a call could go out; it may raise to keep the call back."""
        self._asking.transport.guard = check

    @property
    def budget(self) -> Budget:
        """The connections this client may use."""
        return self._asking.transport.budget

    @property
    def calls(self) -> int:
        """How many requests were sent so far, repeats included."""
        return self._asking.transport.calls


def connect(
    credentials: Credentials,
    *,
    connections: int = MOST,
    timeout_s: float = TIMEOUT_S,
    budget: Budget | None = None,
    patience: Patience | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> Mailchimp:
    """Make a client; nothing is sent yet.

    Args:
        credentials: where and as whom.
        connections: most simultaneous connections when no budget is given.
        timeout_s: longest one call may take, in seconds.
        budget: of the account, shared through its directory; it is closed with the client.
        patience: how often to repeat; by default about a minute of trouble is sat out.
        clock: monotonic seconds.
        sleep: waits between attempts; may raise to give up.
        chance: random numbers between 0 and 1, for the jitter of waits.

    Raises:
        CredentialsError: when key and address lead nowhere.
    """
    used = budget or Budget(most=connections)
    transport = Transport(credentials, used, timeout_s, clock)
    asking = Asking(transport, patience or Patience(sleep=sleep, chance=chance))
    return Mailchimp(asking)
