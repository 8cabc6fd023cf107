import pytest

from tests.practice.conftest import Api

LARS, INGRID = "lars.olsen@nordlys.no", "ingrid.hansen@nordlys.no"


def tag(api: Api, name: str = "Club", *emails: str) -> str:
    body = {"name": name, "static_segment": list(emails)}
    made = api.ask("POST", f"{api.audience}/segments", json=body)
    assert made["type"] == "static"
    return f"{api.audience}/segments/{made['id']}"


def test_a_tag_is_made_with_members_and_unknown_addresses_are_ignored(api: Api) -> None:
    shown = api.get(tag(api, "Club", LARS, "nobody@nordlys.no"))
    assert (shown["name"], shown["member_count"]) == ("Club", 1)


def test_members_are_added_and_removed_and_counted(api: Api) -> None:
    path = tag(api, "Club", LARS)
    body = {"members_to_add": [INGRID, LARS, "no@nordlys.no"], "members_to_remove": []}
    reply = api.ask("POST", path, json=body)
    assert [one["email_address"] for one in reply["members_added"]] == [INGRID]
    assert (reply["total_added"], reply["total_removed"], reply["error_count"]) == (1, 0, 1)
    assert reply["errors"][0]["email_addresses"] == ["no@nordlys.no"]
    reply = api.ask("POST", path, json={"members_to_remove": [INGRID, INGRID]})
    assert reply["total_removed"] == 1
    assert api.get(path)["member_count"] == 1


def test_more_than_500_members_at_once_are_refused(api: Api) -> None:
    emails = [f"m{number}@nordlys.no" for number in range(501)]
    problem = api.ask("POST", tag(api), 400, json={"members_to_remove": emails})
    assert problem["detail"] == (
        "Maximum allowed member items exceeded, please provide at most 500 items "
        "in members_to_add field or members_to_remove field"
    )
    api.ask("POST", tag(api, "Five"), json={"members_to_add": emails[:500]})


def test_members_of_a_tag_are_paged(api: Api) -> None:
    path = tag(api, "Club", LARS, INGRID)
    page = api.get(f"{path}/members", count=1, offset=1)
    assert page["total_items"] == 2
    assert [one["email_address"] for one in page["members"]] == [LARS]


def test_single_members_are_added_and_removed(api: Api) -> None:
    path = tag(api)
    added = api.ask("POST", f"{path}/members", json={"email_address": LARS})
    assert added["email_address"] == LARS
    api.ask("DELETE", f"{path}/members/{added['id']}", 204)
    api.ask("DELETE", f"{path}/members/{added['id']}", 404)
    api.ask("POST", f"{path}/members", 404, json={"email_address": "nobody@nordlys.no"})


def test_a_deleted_tag_leaves_its_members(api: Api) -> None:
    path = tag(api, "Club", LARS)
    api.ask("DELETE", path, 204)
    api.get(path, 404)
    assert api.member(LARS)["tags"] == []


def test_a_tag_is_renamed_and_its_members_replaced(api: Api) -> None:
    path = tag(api, "Club", LARS)
    api.ask("PATCH", path, json={"name": "Circle", "static_segment": [INGRID]})
    assert [one["name"] for one in api.member(INGRID)["tags"]] == ["VIP", "Circle"]
    assert api.member(LARS)["tags"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "vip"},
        {"name": "Both", "static_segment": [], "options": {}},
        {"name": "Shape", "static_segment": "all"},
        {"name": "Shape", "static_segment": [1]},
    ],
)
def test_bad_or_taken_names_and_bad_shapes_are_refused(api: Api, body: dict[str, object]) -> None:
    api.ask("POST", f"{api.audience}/segments", 400, json=body)


def test_tags_are_found_by_the_beginning_of_their_name_in_any_case(api: Api) -> None:
    tag(api, "Golden age")
    found = api.get(f"{api.audience}/tag-search", name="GOLD")
    assert [one["name"] for one in found["tags"]] == ["Gold", "Golden age"]
    assert found["total_items"] == 2
    assert set(found["tags"][0]) == {"id", "name"}


def test_tags_are_listed_by_page_type_and_time(api: Api) -> None:
    tag(api)
    path = f"{api.audience}/segments"
    assert api.get(path, count=1)["total_items"] == 3
    assert api.get(path, type="saved")["total_items"] == 0
    recent = api.get(path, since_created_at="2026-01-01T00:00:00+00:00", type="static")
    assert "Club" in [one["name"] for one in recent["segments"]]
    assert api.get(path, before_updated_at="2000-01-01")["segments"] == []


def test_an_unknown_tag_is_not_found(api: Api) -> None:
    api.get(f"{api.audience}/segments/1", 404)
    api.get(f"{api.audience}/segments/first", 404)
