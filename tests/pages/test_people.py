import json
from pathlib import Path

import polars as pl
import pytest

from lib.errors import StorageError
from lib.runs.plan import listing
from lib.ui.runs import outcomes, people
from lib.ui.runs.people import Search


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    rows = [
        person("ada@x.no", "updated", old={"FNAME": "Ada"}, new={"FNAME": "Ada Marie"}),
        person("bo@x.no", "added", new={"FNAME": "Bo"}, tags_add=["Gold"]),
        person("cy@x.no", "suppressed", reason="cleaned", detail="Bounced."),
        person("di@x.no", "suppressed", reason="unsubscribed", detail="Unsubscribed."),
    ]
    path = tmp_path / "plan.parquet"
    frame = pl.DataFrame(rows)
    frame.with_row_index("ord").write_parquet(path)
    return path


def person(
    email: str,
    fate: str,
    *,
    reason: str = "",
    detail: str = "",
    old: dict[str, str] | None = None,
    new: dict[str, str] | None = None,
    tags_add: list[str] | None = None,
) -> dict[str, object]:
    return {
        "key": email[0],
        "email": email,
        "email_given": email.upper(),
        "fate": fate,
        "reason": reason,
        "detail": detail,
        "status_before": "subscribed" if fate == "updated" else None,
        "old": old or {"FNAME": None},
        "body": json.dumps({"merge_fields": new, "tags": tags_add}) if new else None,
        "tags_remove": pl.Series([], dtype=pl.String),
        "segments": ["Everybody"],
        "problems": ["FNAME:clipped"] if fate == "updated" else [],
    }


def test_an_update_shows_old_and_new(plan: Path) -> None:
    found = people.read_people(plan, Search("updated"))
    assert found.rows["What changes"].to_list() == ["FNAME: Ada → Ada Marie"]


def test_somebody_new_shows_values_and_tags(plan: Path) -> None:
    found = people.read_people(plan, Search("added"))
    assert found.rows["What changes"].to_list() == ["FNAME: Bo · +Gold"]


def test_columns_that_say_nothing_are_left_out(plan: Path) -> None:
    assert "Why" not in people.read_people(plan, Search("added")).rows.columns


def test_people_are_found_by_reason_part_of_an_address_or_key(plan: Path) -> None:
    assert people.read_people(plan, Search("suppressed")).total == 2
    assert people.read_people(plan, Search("suppressed", reason="cleaned")).total == 1
    assert people.read_people(plan, Search("suppressed", text="DI@")).total == 1
    assert people.read_people(plan, Search("suppressed", text="c")).rows["Address"][0] == "cy@x.no"


def test_problems_of_values_are_counted(plan: Path) -> None:
    (found,) = listing.problems(pl.scan_parquet(plan))
    assert (found.tag, found.code, found.contacts) == ("FNAME", "clipped", 1)


def test_a_plan_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Make the plan again"):
        people.read_people(tmp_path / "gone.parquet", Search("added"))


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    path = tmp_path / "outcomes.parquet"
    messages = ["ada@x.no looks fake", "bo@x.no looks fake", "too many"]
    frame = pl.DataFrame(
        {
            "ord": [0, 1, 2],
            "key": ["a", "b", "c"],
            "email": ["ada@x.no", "bo@x.no", "cy@x.no"],
            "email_given": ["ada@x.no", "bo@x.no", "cy@x.no"],
            "segments": [["Everybody"]] * 3,
            "outcome": ["rejected"] * 3,
            "message": messages,
            "field": ["", "", ""],
            "field_message": ["", "", ""],
        }
    )
    frame.write_parquet(path)
    return path


def test_reasons_are_counted_without_the_addresses_in_them(ended: Path) -> None:
    assert outcomes.reasons(ended, "rejected") == {"… looks fake": 2, "too many": 1}


def test_outcomes_are_searched_by_mailchimps_words(ended: Path) -> None:
    assert outcomes.read(ended, "rejected", "FAKE").total == 2


def test_all_contacts_with_an_outcome_come_as_csv(ended: Path) -> None:
    lines = outcomes.as_csv(ended, "rejected").decode().splitlines()
    assert len(lines) == 4 and "Everybody" in lines[1]
