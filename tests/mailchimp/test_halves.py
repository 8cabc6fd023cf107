from hypothesis import given, settings
from hypothesis import strategies as st

from lib.mailchimp.halves import halves


def drive(members: list[str], bad: set[str], largest: int) -> tuple[list[str], list[str], int]:
    """Send parts to a server that refuses bad members and parts that are too large."""
    settled: list[str] = []
    calls = 0
    parts = halves(members)
    part = next(parts, None)
    culprits: list[str] = []
    while part is not None:
        calls += 1
        failed = bool(bad & set(part)) or len(part) > largest
        if not failed:
            settled.extend(part)
        try:
            part = parts.send(failed)
        except StopIteration as stopped:
            culprits = stopped.value
            part = None
    return settled, culprits, calls


@settings(deadline=None)
@given(size=st.integers(0, 500), picked=st.sets(st.integers(0, 499)), largest=st.integers(1, 500))
def test_every_member_is_settled_once_or_found_to_be_a_culprit(
    size: int, picked: set[int], largest: int
) -> None:
    members = [str(number) for number in range(size)]
    bad = {str(number) for number in picked if number < size}
    settled, culprits, calls = drive(members, bad, largest)
    assert sorted(settled + culprits) == sorted(members)
    assert set(culprits) == bad
    assert calls <= max(1, 2 * size - 1)


def test_one_culprit_among_500_costs_under_twenty_calls() -> None:
    members = [str(number) for number in range(500)]
    settled, culprits, calls = drive(members, {"333"}, 500)
    assert (len(settled), culprits) == (499, ["333"])
    assert calls < 20
