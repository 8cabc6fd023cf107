import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access import Person
from lib.errors import InputError, NameTakenError
from lib.store import Store, names, segments


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", "seg_0123abcd", "nul\0"])
def test_names_that_cannot_be_kept_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        names.clean(name, "segment")


@given(st.text(min_size=1, max_size=100))
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    try:
        cleaned = names.clean(name, "segment")
    except InputError:
        return
    assert names.clean(cleaned, "segment") == cleaned
    assert names.key(cleaned) == names.key(cleaned.upper().lower()) or cleaned.upper() != cleaned


@pytest.mark.parametrize("other", ["GOLD", " gold ", "Gold", "gOLD", "Ｇold"])
def test_two_names_that_read_alike_are_one(store: Store, admin: Person, other: str) -> None:
    made = segments.add(store, admin, name="Gold", sql="SELECT 1")
    with pytest.raises(NameTakenError, match="Another segment"):
        segments.add(store, admin, name=other, sql="SELECT 1")
    assert segments.get(store, admin, other) == made
    assert segments.get(store, admin, made.id) == made


def test_letters_beyond_ascii_fold_as_well(store: Store, admin: Person) -> None:
    segments.add(store, admin, name="Ærlige Ålesundere", sql="SELECT 1")
    with pytest.raises(NameTakenError):
        segments.add(store, admin, name="ærlige ÅLESUNDERE", sql="SELECT 1")


def test_ids_are_short_and_do_not_repeat() -> None:
    made = {names.new_id("seg") for _ in range(10_000)}
    assert len(made) == 10_000
    assert all(len(one) == 12 for one in made)


def test_many_names_are_cut_short_in_a_sentence() -> None:
    assert names.listed(("A", "B")) == "“A”, “B”"
    assert names.listed(tuple("ABCDEFGH")).endswith("and 3 more")
