"""Exports by command line: what a page can do with them, and what a change leaves alone."""

import pytest

from tests.cli.conftest import Muster

PARTS = {"addr1": "street", "city": "city", "zip": "postal_code", "country": "country"}


def test_an_address_of_several_columns_is_written_shown_and_kept(
    connected: Muster, export: str
) -> None:
    given = [word for key, column in PARTS.items()
             for word in ("--field", f"address.{key}={column}")]  # fmt: skip
    said = connected("exports", "edit", export, *given, "--json")
    assert said.status == 0, said.err
    assert said.data["fields"]["ADDRESS"] == PARTS
    assert "zip postal_code" in connected("exports", "show", export).out
    connected("exports", "approve-rules", export)

    said = connected("exports", "edit", export, "--schedule", "off", "--json")
    assert said.data["fields"]["ADDRESS"] == PARTS
    assert said.data["rules_approved_by"] and not said.data["rules_lapsed"]

    said = connected("exports", "edit", export, "--field", "ADDRESS.country=", "--json")
    assert list(said.data["fields"]["ADDRESS"]) == ["addr1", "city", "zip"]
    said = connected("exports", "edit", export, "--field", "ADDRESS=", "--json")
    assert "ADDRESS" not in said.data["fields"]
    for wrong in ("ADDRESS.street=street", "ADDRESS.=street", ".city=city"):
        assert connected("exports", "edit", export, "--field", wrong).status == 2


def test_exports_are_detached_attached_and_removed_together(connected: Muster, export: str) -> None:
    made = connected("exports", "duplicate", export, "Copy", "--json")
    assert (made.data["name"], made.data["active"]) == ("Copy", False)
    gone = connected("exports", "detach", export, "Copy", "--json")
    assert [(one["name"], one["connection"]) for one in gone.data] == [
        ("News", None),
        ("Copy", None),
    ]
    assert "Copy has no connection" in gone.err
    assert connected("exports", "plan", export).status == 3

    said = connected("exports", "attach", export, "Nobody", "Copy", "Practice", "--json")
    assert said.status == 2 and "Nobody: " in said.err
    assert [one.get("connection") for one in said.data] == ["Practice", None, "Practice"]
    assert connected("exports", "attach", export, "Nowhere").status == 2

    gone = connected("exports", "remove", export, "Copy", "--json")
    assert [one["removed"] for one in gone.data] == [True, True]
    assert connected("exports", "list", "--json").data == []


def test_exports_are_found_narrowed_and_sorted(connected: Muster, export: str) -> None:
    connected("exports", "duplicate", export, "Copy")
    connected("exports", "detach", export)

    def listed(*options: str) -> list[str]:
        return [one["name"] for one in connected("exports", "list", "--json", *options).data]

    assert listed() == ["Copy", "News"]
    assert listed("--sort", "connection") == ["News", "Copy"]
    assert listed("--sort", "name", "--descending") == ["News", "Copy"]
    assert listed("--search", "PRACTICE") == ["Copy"]
    assert listed("--only", "off") == ["Copy", "News"]
    assert listed("--only", "live") == []


def test_members_and_contract_are_told_before_anything_is_sent(
    connected: Muster, export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = connected("exports", "edit", export, "--json")
    members = said.data["members"]
    assert members > 100 and said.data["over_limit"] == 0 and f"{members:,} profiles" in said.err
    assert connected("connections", "show", "Practice", "--json").data["contract"] is None
    connected("connections", "limit", "Practice", "5000")
    monkeypatch.setenv("MUSTER_EXPORT_LIMIT", "100")

    said = connected("exports", "edit", export, "--json")
    assert said.data["over_limit"] == members - 100 and "it will not run" in said.err
    held = connected("connections", "show", "Practice", "--json").data["contract"]
    assert (held["limit"], held["adds"], held["over"]) == (5000, 0, 0)
    plan = connected("exports", "plan", export, "--json")
    assert plan.data["contract"] == {**held, "adds": plan.data["fates"]["added"]}
    assert "of 5,000 contacts of the contract" in plan.err


def test_a_field_that_nothing_feeds_cannot_be_kept_where_filled(
    connected: Muster, export: str
) -> None:
    before = connected("exports", "show", export, "--json").data
    for words in (("--keep-filled", "PHONE"), ("--keep-filled", "LNAME", "--last-name", "")):
        said = connected("exports", "edit", export, *words)
        assert said.status == 2 and f"Nothing feeds {words[1]}, so" in said.err
    assert connected("exports", "show", export, "--json").data == before

    connected("exports", "edit", export, "--keep-filled", "lname", "--keep-filled", "fname")
    after = connected("exports", "edit", export, "--last-name", "", "--json").data
    assert (after["fields"], after["keep_filled"]) == ({"FNAME": "first_name"}, ["FNAME"])
