from datetime import UTC, datetime, timedelta

import pytest

from lib.ui import words


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 10, "0 %"),
        (1, 0, "0 %"),
        (1, 1_200_000, "< 0.1 %"),
        (1_199_999, 1_200_000, "> 99.9 %"),
        (1, 8, "12 %"),
        (1, 40, "2.5 %"),
        (10, 10, "100 %"),
    ],
)
def test_a_share_never_hides_that_there_is_something(part: int, whole: int, said: str) -> None:
    assert words.share(part, whole) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(1_043, "≈ 1,000"), (76_938, "≈ 77,000"), (999_999, "≈ 1 M"), (1_154_934, "≈ 1.2 M"),
     (5_020_503_000, "≈ 5,000 M")],
)  # fmt: skip
def test_an_estimate_claims_no_more_digits_than_it_has(value: int, said: str) -> None:
    assert words.estimate(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.34, "340 ms"), (12.4, "12.4 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_a_length_of_time_is_said_in_its_natural_unit(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(12, "12 B"), (1500, "1.5 kB"), (250_000_000, "250 MB")]
)
def test_sizes_are_short(count: int, said: str) -> None:
    assert words.size(count) == said


def test_the_past_is_told_relative_to_now() -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert words.ago(now - timedelta(minutes=5), now) == "5 min ago"
    assert words.ago(now - timedelta(days=40), now) == "2026-03-25"
