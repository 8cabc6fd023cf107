from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import (
    CredentialsError,
    InDoubtError,
    MailchimpError,
    ThrottledError,
    UnavailableError,
)
from lib.mailchimp.retries import Patience, repeat

KINDS = [ThrottledError, UnavailableError, InDoubtError, CredentialsError]


def failing(kinds: list[type[MailchimpError]]) -> tuple[Callable[[], str], list[int]]:
    left = list(kinds)
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        if left:
            raise left.pop(0)("No.")
        return "yes"

    return ask, asked


@settings(deadline=None)
@given(
    kinds=st.lists(st.sampled_from(KINDS), max_size=20),
    repeatable=st.booleans(),
    chance=st.floats(0, 1),
)
def test_it_asks_no_more_than_patience_allows_and_never_repeats_what_it_must_not(
    kinds: list[type[MailchimpError]], repeatable: bool, chance: float
) -> None:
    waits: list[float] = []
    patience = Patience(attempts=4, throttled=6, sleep=waits.append, chance=lambda: chance)
    ask, asked = failing(kinds)
    try:
        assert repeat(ask, patience, repeatable=repeatable) == "yes"
    except MailchimpError as error:
        met = kinds[: len(asked)]
        # What may have been applied stays in doubt, whatever was said afterwards.
        assert isinstance(error, InDoubtError if InDoubtError in met else met[-1])
        final = issubclass(met[-1], CredentialsError | InDoubtError)
        assert final or len(met) >= 4
    before_last = kinds[: len(asked) - 1]
    assert CredentialsError not in before_last
    assert repeatable or InDoubtError not in before_last
    assert sum(kind is ThrottledError for kind in before_last) < 6
    assert sum(kind is not ThrottledError for kind in before_last) < 4
    assert len(waits) == len(asked) - 1
    assert all(0 <= wait <= 30 for wait in waits)


def test_waits_double_up_to_the_longest() -> None:
    waits: list[float] = []
    patience = Patience(attempts=9, longest_s=8, sleep=waits.append, chance=lambda: 1.0)
    ask, _ = failing([UnavailableError] * 7)
    repeat(ask, patience, repeatable=False)
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]


def test_waiting_can_be_ended_from_outside() -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    ask, asked = failing([UnavailableError])
    with pytest.raises(KeyboardInterrupt):
        repeat(ask, Patience(sleep=stop), repeatable=True)
    assert len(asked) == 1
