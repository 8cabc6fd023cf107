from collections.abc import Callable
from typing import Any

Muster = Callable[..., Any]


def test_how_long_files_with_contacts_are_kept_is_chosen_shown_and_reset(muster: Muster) -> None:
    assert muster("retention", "show", "--json").data == {"days": 0}
    assert "30 days" in muster("retention", "set", "30").err
    assert muster("retention", "show", "--json").data == {"days": 30}
    assert muster("retention", "reset").status == 0
    assert muster("retention", "show", "--json").data == {"days": 0}


def test_a_number_of_days_that_cannot_be_is_one_sentence(muster: Muster) -> None:
    said = muster("retention", "set", "40000")
    assert said.status != 0 and "0 to 36,500 days" in said.err
