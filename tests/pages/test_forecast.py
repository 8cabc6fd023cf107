import pytest

from lib.ui.runs import forecast
from lib.ui.runs.forecast import Forecast


def made(sending: int, contacts: int, calls: int) -> Forecast:
    return Forecast(contacts, {"added": sending}, {}, 0, calls)


def test_the_headline_says_contacts_calls_and_time() -> None:
    assert forecast.headline(made(25_536, 26_921, 52)) == (
        "**25,536 contacts will be sent** out of 26,921 profiles, in 52 calls, about 5 seconds."
    )


def test_one_call_is_not_many() -> None:
    assert "in 1 call," in forecast.headline(made(3, 3, 1))


def test_nothing_to_send_is_said_plainly() -> None:
    assert forecast.headline(made(0, 10, 0)).startswith("**Nothing to send.**")


def test_empty_segments_are_said_plainly() -> None:
    assert "hold nobody" in forecast.headline(made(0, 0, 0))


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 0.9), (100.0, 10.0)])
def test_the_time_comes_from_the_last_run_when_there_was_one(rate: float, expected: float) -> None:
    assert forecast.seconds(made(1_000, 1_000, 2), rate) == expected
