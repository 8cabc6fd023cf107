import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.practice.problem import ProblemError
from lib.practice.projection import EVERYTHING, read_projection

NAMES = st.sampled_from(["a", "b", "c"])
JSON = st.recursive(
    st.integers(), lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below)
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map(".".join), max_size=4).map(",".join)


@given(JSON)
def test_everything_is_wanted_unless_something_is_asked(value: object) -> None:
    assert EVERYTHING.apply(value) == value


@given(JSON, PATHS)
def test_applying_a_projection_twice_changes_nothing_more(value: object, paths: str) -> None:
    for name in ("fields", "exclude_fields"):
        projection = read_projection({name: paths})
        once = projection.apply(value)
        assert projection.apply(once) == once


def test_paths_reach_through_lists() -> None:
    value = {"a": [{"b": 1, "c": 2}, {"c": 3}], "d": 4}
    assert read_projection({"fields": "a.b"}).apply(value) == {"a": [{"b": 1}, {}]}
    assert read_projection({"exclude_fields": "a.b,d"}).apply(value) == {"a": [{"c": 2}, {"c": 3}]}


def test_a_whole_attribute_wins_over_its_parts() -> None:
    value = {"a": {"b": 1, "c": 2}}
    for paths in ("a,a.b", "a.b,a"):
        assert read_projection({"fields": paths}).apply(value) == value


@pytest.mark.parametrize("paths", ["a;b", "a..b", ".a", "a b"])
def test_odd_paths_are_refused(paths: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_projection({"fields": paths})
    assert caught.value.status == 422
