from typing import TYPE_CHECKING

import pytest

from lib.access import RIGHTS, Role

if TYPE_CHECKING:
    from tests.cli.conftest import Muster


def test_roles_are_listed_with_who_has_them_and_what_they_may(
    muster: "Muster", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_ADMINISTRATORS", "ada@muster.test,group:IT")
    monkeypatch.setenv("MUSTER_OTHERS", "viewer")
    found = {one["role"]: one for one in muster("people", "roles", "--json").data}
    assert found["administrator"]["who"] == ["ada@muster.test", "group:IT"]
    assert [one["everybody_else"] for one in found.values()] == [True, False, False]
    for role in Role:
        assert sorted(found[role]["may"]) == sorted(RIGHTS[role])


def test_a_persons_role_is_said_by_address_and_group(
    muster: "Muster", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_CONTRIBUTORS", "group:Marketing")
    said = muster("people", "role", "cora@muster.test", "--group", "Marketing", "--json")
    assert said.data["role"] == "contributor" and "change exports" in said.data["may"]
    said = muster("people", "role", "eve@muster.test", "--json")
    assert said.data["role"] is None and said.data["may"] == []
