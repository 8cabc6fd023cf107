import pytest

from tests.practice.conftest import Api, new


def path(api: Api, merge_id: object = "") -> str:
    return f"{api.audience}/merge-fields" + (f"/{merge_id}" if merge_id else "")


def test_merge_fields_come_ten_at_a_time_without_the_address(api: Api) -> None:
    page = api.get(path(api))
    assert (len(page["merge_fields"]), page["total_items"]) == (10, 13)
    tags = [field["tag"] for field in api.get(path(api), count=1000)["merge_fields"]]
    assert tags[:5] == ["FNAME", "LNAME", "ADDRESS", "PHONE", "BIRTHDAY"]
    assert "EMAIL" not in tags


def test_merge_fields_are_filtered_by_type_and_need(api: Api) -> None:
    assert api.get(path(api), type="dropdown")["total_items"] == 1
    assert api.get(path(api), required="true")["total_items"] == 0


def test_a_field_without_a_tag_gets_a_number(api: Api) -> None:
    made = api.ask("POST", path(api), json={"name": "Shoe size", "type": "number"})
    assert made["tag"] == f"MMERGE{made['merge_id']}"
    assert api.get(path(api, made["merge_id"]))["name"] == "Shoe size"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "x", "type": "colour"},
        {"name": "x", "type": "text", "tag": "ELEVENCHARS"},
        {"name": "x", "type": "text", "tag": "BAD TAG"},
        {"name": "x", "type": "text", "tag": "fname"},
        {"name": "x", "type": "text", "tag": "EMAIL"},
        {"name": "x", "type": "dropdown"},
    ],
)
def test_bad_definitions_are_refused(api: Api, body: dict[str, object]) -> None:
    api.ask("POST", path(api), 400, json=body)
    assert api.get(path(api))["total_items"] == 13


def test_the_thirty_first_field_is_refused(api: Api) -> None:
    for number in range(17):
        api.ask("POST", path(api), json={"name": f"F{number}", "type": "text"})
    api.ask("POST", path(api), 400, json={"name": "One more", "type": "text"})


def test_values_follow_a_changed_tag_and_go_with_their_field(api: Api) -> None:
    first = api.get(path(api))["merge_fields"][0]["merge_id"]
    api.ask("PATCH", path(api, first), json={"tag": "GIVEN"})
    merge = api.member("lars.olsen@nordlys.no")["merge_fields"]
    assert (merge["GIVEN"], "FNAME" in merge) == ("Lars", False)
    api.ask("DELETE", path(api, first), 204)
    assert "GIVEN" not in api.member("lars.olsen@nordlys.no")["merge_fields"]
    api.ask("POST", path(api), json={"name": "Given", "type": "text", "tag": "GIVEN"})
    assert api.member("lars.olsen@nordlys.no")["merge_fields"]["GIVEN"] == ""


def test_new_members_get_default_values(api: Api) -> None:
    body = {"name": "From", "type": "text", "tag": "FROM", "default_value": "web"}
    api.ask("POST", path(api), json=body)
    assert api.batch(new("x@nordlys.no"))["new_members"][0]["merge_fields"]["FROM"] == "web"
    assert api.member("lars.olsen@nordlys.no")["merge_fields"]["FROM"] == ""


@pytest.mark.parametrize("merge_id", ["99", "first"])
def test_an_unknown_field_is_not_found(api: Api, merge_id: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        api.ask(method, path(api, merge_id), 404, json={})


def test_the_audience_counts_its_fields(api: Api) -> None:
    assert api.get(api.audience)["stats"]["merge_field_count"] == 13
