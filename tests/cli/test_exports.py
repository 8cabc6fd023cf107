"""Exports by command line: what a page can do with them, and what a change leaves alone."""

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
