"""Schedules by command line: choosing them, letting exports run by themselves, refreshing now."""

import pytest

from tests.cli.conftest import Muster


def test_an_export_goes_from_a_schedule_to_a_run_by_its_rules(
    connected: Muster, export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_TIME_ZONE", "Europe/Oslo")
    assert "Europe/Oslo" in connected("schedule", "show").out
    (before,) = connected("exports", "list", "--json").data
    assert (before["hindrance"], before["next_run"]) == (
        "It follows the refresh, and there is none.",
        None,
    )
    assert connected("schedule", "set", "30 2 * * *").status == 0
    first, *_ = connected("schedule", "next", "--json").data
    assert first["at"].endswith(("02:30:00+01:00", "02:30:00+02:00", "03:00:00+02:00"))

    skipped = connected("refresh", "--json")
    assert skipped.status == 3
    assert skipped.data == [
        {"export": "News", "skipped": "Nobody has approved its rules as they are now."}
    ]
    approved = connected("exports", "approve-rules", export, "--json").data
    assert approved["next_run"] == first["at"]

    ran = connected("exports", "run-all", "--wait", "--json")
    assert ran.status == 0, ran.err
    assert [(run["state"], run["trigger"]) for run in ran.data] == [("done", "refresh")]
    (after,) = connected("exports", "list", "--json").data
    assert (after["status"], after["permission"]) == ("done", "manage")
    assert after["segment_names"] == ["Norway"]
    assert connected("runs", "list", "--json").data[0]["trigger"] == "refresh"


@pytest.mark.slow
def test_a_rail_stops_a_refresh_and_the_command_says_so(connected: Muster, export: str) -> None:
    assert connected("exports", "approve-rules", export).status == 0
    said = connected("exports", "guard", export, "--most-added", "1", "--json")
    assert said.data["most_added"] == 1
    assert "approved anew" in said.err
    assert connected("exports", "list", "--json").data[0]["rules_lapsed"]
    connected("exports", "approve-rules", export)
    ran = connected("exports", "run-all", export, "--wait", "--json")
    (run,) = ran.data
    assert (ran.status, run["state"], run["rail"]) == (1, "stopped", "most_added")
    assert run["trigger"] == "hand"


def test_schedules_of_several_are_set_kept_followed_and_switched(
    connected: Muster, export: str
) -> None:
    connected("exports", "duplicate", export, "Copy")
    one = connected("exports", "schedule", "Copy", "--cron", "0 5 * * *", "--json").data
    assert one[0]["schedule"] == "0 5 * * *"
    both = ("exports", "schedule", "Copy", export)
    kept = connected(*both, "--cron", "@daily", "--keep", "--json").data
    assert {row["export"]: row["schedule"] for row in kept} == {
        "Copy": "0 5 * * *",
        "News": "0 0 * * *",
    }
    followed = connected(*both, "--follow", "--json").data
    assert [row["schedule"] for row in followed] == ["refresh"] * 2
    off = connected("exports", "switch", "Copy", export, "off", "--json").data
    assert [row["hindrance"] for row in off] == ["It is switched off."] * 2
    assert connected("exports", "switch", "Copy", "on", "--json").data[0]["hindrance"] != (
        "It is switched off."
    )
    assert connected("exports", "schedule", "Copy", "--off", "--json").data[0]["hindrance"] == (
        "It runs by hand only."
    )


BAD = [
    (("schedule", "set", "soon"), "0 6 * * 1-5"),
    (("schedule", "set", "0 0 30 2 *"), "no year"),
    (("schedule", "set", "* * * * *"), "more often"),
    (("exports", "schedule", "News"), "--follow"),
    (("exports", "schedule", "News", "--off", "--follow"), "--follow"),
    (("exports", "schedule", "News", "--cron", "99 * * * *"), "no schedule"),
    (("exports", "schedule", "Nobody", "--off"), "Nobody"),
    (("exports", "guard", "News", "--most-added", "many"), "many"),
    (("exports", "guard", "News", "--most-added", "-1"), "from 0 up"),
    (("exports", "switch", "News", "sideways"), "sideways"),
    (("exports", "run-all", "Nobody"), "Nobody"),
    (("exports", "edit", "News", "--schedule", "soon"), "no schedule"),
    (("exports", "edit", "News", "--field", "X"), "TAG=COLUMN"),
]


def test_bad_input_ends_with_one_sentence_and_changes_nothing(
    connected: Muster, export: str
) -> None:
    before = connected("exports", "show", export, "--json").data
    for words, hint in BAD:
        said = connected(*words)
        assert (said.status, said.out) == (2, ""), said
        assert hint in said.err
    assert connected("exports", "show", export, "--json").data == before


def test_everything_of_an_export_can_be_edited_and_the_rest_stays(
    connected: Muster, export: str
) -> None:
    before = connected("exports", "show", export, "--json").data
    connected("segments", "add", "All", "--sql", "select * from profiles")
    connected("exports", "approve-rules", export)
    said = connected(
        "exports", "edit", export, "--name", "Letter", "--last-name", "", "--segment", "All",
        "--no-tag-segments", "--keep-filled", "fname", "--schedule", "0 6 * * *", "--json",
    )  # fmt: skip
    assert said.status == 0, said.err
    assert "approved anew" in said.err
    after = said.data
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {
        "name", "fields", "keep_filled", "segments", "tag_segments", "schedule", "rules_lapsed",
    }  # fmt: skip
    assert (after["fields"], after["keep_filled"]) == ({"FNAME": "first_name"}, ["FNAME"])
    again = connected("exports", "edit", "Letter", "--json").data
    assert again == after


def test_rules_can_be_withdrawn_and_the_refresh_taken_away(connected: Muster, export: str) -> None:
    connected("schedule", "set", "@daily")
    connected("exports", "approve-rules", export)
    assert connected("exports", "list", "--json").data[0]["hindrance"] is None
    assert connected("exports", "withdraw-rules", export).status == 0
    assert connected("exports", "list", "--json").data[0]["rules_approved_by"] is None
    assert connected("schedule", "off").status == 0
    assert connected("schedule", "next", "--json").data == []
    assert connected("schedule", "show", "--json").data["refresh"] is None
