from tests.practice.conftest import Api, new

WHOLE = {
    "name": "Third",
    "permission_reminder": "You asked",
    "email_type_option": False,
    "contact": {"company": "N"},
    "campaign_defaults": {"from_name": "N"},
}


def test_there_are_two_audiences_and_their_members_are_counted(api: Api) -> None:
    lists = api.get("/lists", include_total_contacts="true")["lists"]
    assert {one["name"] for one in lists} == {"Nordlys newsletter", "Nordlys club"}
    stats = api.get(api.audience, include_total_contacts="true")["stats"]
    counted = ("member_count", "unsubscribe_count", "cleaned_count", "total_contacts")
    assert [stats[name] for name in counted] == [7, 3, 2, 14]


def test_audiences_are_paged(api: Api) -> None:
    page = api.get("/lists", count=1, offset=1)
    assert (len(page["lists"]), page["total_items"]) == (1, 2)


def test_an_audience_is_made_changed_and_deleted_with_its_members(api: Api) -> None:
    made = api.ask("POST", "/lists", json=WHOLE)
    path = f"/lists/{made['id']}"
    api.ask("POST", path, json={"members": [new("x@nordlys.no")]})
    assert api.ask("PATCH", path, json={"double_optin": True})["double_optin"] is True
    assert api.get(path)["stats"]["member_count"] == 1
    assert api.get(f"{path}/merge-fields")["total_items"] == 5
    api.ask("DELETE", path, 204)
    api.get(path, 404)


def test_an_audience_needs_its_five_parts(api: Api) -> None:
    for part in WHOLE:
        body = {name: value for name, value in WHOLE.items() if name != part}
        assert part in api.ask("POST", "/lists", 400, json=body)["errors"][0]["message"]
    api.ask("POST", "/lists", 400, json=WHOLE | {"contact": "me"})


def test_automations_tell_what_would_send_mail_by_itself(api: Api) -> None:
    listed = api.get("/automations")
    assert listed["automations"][0]["recipients"]["list_name"] == "Nordlys newsletter"
    assert api.get("/automations", status="paused")["total_items"] == 0
