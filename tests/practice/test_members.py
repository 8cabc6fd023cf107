import pytest

from tests.practice.conftest import Api

LARS = "lars.olsen@nordlys.no"
KARI = "kari.lie@fjordmail.no"
OLD = "old.friend@nordlys.no"
FORGOTTEN = "please.forget@fjordmail.no"


def test_members_come_ten_at_a_time_and_the_archived_only_when_asked_for(api: Api) -> None:
    page = api.get(f"{api.audience}/members")
    assert (len(page["members"]), page["total_items"]) == (10, 14)
    everybody = api.get(f"{api.audience}/members", count=100)["members"]
    assert "archived" not in {member["status"] for member in everybody}
    archived = api.get(f"{api.audience}/members", status="archived")
    assert {member["email_address"] for member in archived["members"]} == {
        OLD,
        "older.friend@nordlys.no",
    }


def test_a_count_above_a_thousand_is_lowered_silently(api: Api) -> None:
    api.dial("fill", members=1100)
    page = api.get(f"{api.audience}/members", count=5000, fields="members.id,total_items")
    assert len(page["members"]) == 1000
    assert page["total_items"] > 1000


def test_past_the_end_there_is_an_empty_page_with_the_true_total(api: Api) -> None:
    page = api.get(f"{api.audience}/members", offset=1000)
    assert (page["members"], page["total_items"]) == ([], 14)


@pytest.mark.parametrize("query", [{"count": "ten"}, {"offset": "-1"}, {"status": "gone"}])
def test_nonsense_in_a_query_is_refused(api: Api, query: dict[str, str]) -> None:
    assert api.get(f"{api.audience}/members", 400, **query)["title"] == "Invalid Resource"


def test_unsubscribed_since_needs_the_status_unsubscribed(api: Api) -> None:
    moment = "2020-01-01T00:00:00+00:00"
    api.get(f"{api.audience}/members", 400, unsubscribed_since=moment)
    api.get(f"{api.audience}/members", 400, unsubscribed_since=moment, status="cleaned")
    found = api.get(f"{api.audience}/members", unsubscribed_since=moment, status="unsubscribed")
    assert found["total_items"] == 3


def test_a_field_list_with_odd_characters_is_refused(api: Api) -> None:
    api.get(f"{api.audience}/members", 422, fields="members..id;")


def test_fields_reach_into_members_by_dotted_paths(api: Api) -> None:
    page = api.get(
        f"{api.audience}/members",
        count=2,
        fields="members.email_address,members.merge_fields.FNAME,total_items",
    )
    assert page == {
        "members": [
            {"email_address": "ingrid.hansen@nordlys.no", "merge_fields": {"FNAME": "Ingrid"}},
            {"email_address": LARS, "merge_fields": {"FNAME": "Lars"}},
        ],
        "total_items": 14,
    }


def test_excluded_fields_are_left_out(api: Api) -> None:
    page = api.get(f"{api.audience}/members", exclude_fields="members._links,members.stats,_links")
    assert "_links" not in page
    assert not {"_links", "stats"} & set(page["members"][0])
    assert "email_address" in page["members"][0]


def test_members_are_filtered_by_time_and_sorted(api: Api) -> None:
    path = f"{api.audience}/members"
    api.ask("PATCH", api.path(LARS), json={"merge_fields": {"FNAME": "Lasse"}})
    newest = api.get(path, sort_field="last_changed", sort_dir="DESC", count=1)["members"][0]
    assert newest["email_address"] == LARS
    since = api.get(path, since_last_changed=newest["last_changed"].replace("+00:00", ".500Z"))
    assert since["total_items"] == 0
    assert api.get(path, before_last_changed=newest["last_changed"])["total_items"] == 13


def test_a_member_is_found_by_id_address_or_contact_id(api: Api) -> None:
    member = api.member(LARS)
    for name in (LARS, LARS.upper(), member["id"], member["contact_id"]):
        assert api.get(f"{api.audience}/members/{name}")["id"] == member["id"]


@pytest.mark.parametrize("name", ["0" * 32, "nonsense", "nobody@nordlys.no", FORGOTTEN])
def test_an_unknown_member_is_not_found(api: Api, name: str) -> None:
    problem = api.get(f"{api.audience}/members/{name}", 404)
    assert problem["title"] == "Resource Not Found"
    assert problem["detail"] == "The requested resource could not be found."


def test_post_adds_somebody_new_only(api: Api) -> None:
    path = f"{api.audience}/members"
    body = {"email_address": "new@nordlys.no", "status": "pending", "tags": ["Gold"]}
    made = api.ask("POST", path, json=body)
    assert (made["status"], made["tags"][0]["name"]) == ("pending", "Gold")
    problem = api.ask("POST", path, 400, json=body)
    assert problem["title"] == "Member Exists"
    assert problem["detail"] == (
        "new@nordlys.no is already a list member. Use PUT to insert or update list members."
    )


def test_post_of_the_archived_brings_them_back(api: Api) -> None:
    body = {"email_address": OLD, "status": "subscribed"}
    made = api.ask("POST", f"{api.audience}/members", json=body)
    assert (made["status"], made["merge_fields"]["FNAME"]) == ("subscribed", "Liv")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"email_address": "x", "status": "subscribed"}, "Please provide a valid email address."),
        (
            {"email_address": "x@test.com", "status": "subscribed"},
            "x@test.com looks fake or invalid, please enter a real email address.",
        ),
        (
            {"email_address": FORGOTTEN, "status": "pending"},
            f"{FORGOTTEN} was permanently deleted and cannot be re-imported. "
            "The contact must re-subscribe to get back on the list.",
        ),
        (
            {"email_address": "x@y.no", "status": "subscribed", "merge_fields": {"LTV": "x"}},
            "Your merge fields were invalid.",
        ),
    ],
)
def test_what_fails_a_batch_member_fails_a_single_call_with_400(
    api: Api, body: dict[str, object], detail: str
) -> None:
    assert api.ask("POST", f"{api.audience}/members", 400, json=body)["detail"] == detail


@pytest.mark.parametrize(
    "body",
    [
        {"status": "subscribed"},
        {"email_address": "x@y.no"},
        {"email_address": "x@y.no", "status": "archived"},
    ],
)
def test_a_single_member_of_the_wrong_shape_is_refused_by_field(
    api: Api, body: dict[str, object]
) -> None:
    problem = api.ask("POST", f"{api.audience}/members", 400, json=body)
    assert problem["errors"]


def test_put_makes_somebody_new_with_status_if_new(api: Api) -> None:
    body = {"email_address": "new@nordlys.no", "status_if_new": "transactional"}
    assert api.ask("PUT", api.path("new@nordlys.no"), json=body)["status"] == "transactional"


def test_put_without_any_status_cannot_make_somebody_new(api: Api) -> None:
    api.ask("PUT", api.path("new@nordlys.no"), 400, json={"email_address": "new@nordlys.no"})


def test_put_of_merge_values_only_leaves_the_status_of_the_unsubscribed(api: Api) -> None:
    body = {"merge_fields": {"FNAME": "K."}, "status_if_new": "subscribed"}
    after = api.ask("PUT", api.path(KARI), json=body)
    assert (after["status"], after["merge_fields"]["FNAME"]) == ("unsubscribed", "K.")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("email", [KARI, "gone.away@courrier.fr"])
def test_who_unsubscribed_or_bounced_cannot_be_subscribed_singly(
    api: Api, method: str, email: str
) -> None:
    problem = api.ask(method, api.path(email), 400, json={"status": "subscribed"})
    assert problem["title"] == "Member In Compliance State"
    assert problem["detail"] == (
        f"{email} is in a compliance state due to unsubscribe, bounce, or compliance review "
        "and cannot be subscribed."
    )
    assert "type" not in problem
    assert api.ask(method, api.path(email), json={"status": "pending"})["status"] == "pending"


def test_who_was_unsubscribed_by_the_api_can_come_back_by_it(api: Api) -> None:
    assert api.ask("PUT", api.path(LARS), json={"status": "unsubscribed"})["status"] == (
        "unsubscribed"
    )
    assert api.ask("PUT", api.path(LARS), json={"status": "subscribed"})["status"] == "subscribed"


def test_people_can_unsubscribe_by_themselves_through_the_dial(api: Api) -> None:
    audience = api.audience.rpartition("/")[2]
    assert api.dial("self-unsubscribe", audience=audience, addresses=[LARS]) == {"changed": 1}
    api.ask("PUT", api.path(LARS), 400, json={"status": "subscribed"})


def test_an_address_moves_with_tags_to_a_new_id(api: Api) -> None:
    email = "ingrid.hansen@nordlys.no"
    moved = api.ask("PATCH", api.path(email), json={"email_address": "Ingrid.Moe@nordlys.no"})
    assert moved["id"] == api.path("ingrid.moe@nordlys.no").rpartition("/")[2]
    assert moved["tags"][0]["name"] == "VIP"
    api.get(api.path(email), 404)


def test_an_address_cannot_move_onto_somebody_else_or_while_unsubscribed(api: Api) -> None:
    problem = api.ask("PUT", api.path(LARS), 400, json={"email_address": KARI})
    assert problem["title"] == "Member Exists"
    problem = api.ask("PATCH", api.path(KARI), 400, json={"email_address": "k@nordlys.no"})
    assert 'status is "unsubscribed."' in problem["errors"][0]["message"]


def test_patch_of_somebody_unknown_is_not_found(api: Api) -> None:
    api.ask("PATCH", api.path("nobody@nordlys.no"), 404, json={"status": "subscribed"})


def test_delete_archives_once_and_then_refuses_with_allow(api: Api) -> None:
    reply = api.send("DELETE", api.path(LARS))
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["Content-Type"].startswith("application/json")
    assert api.member(LARS)["status"] == "archived"
    again = api.send("DELETE", api.path(LARS))
    assert (again.status_code, again.headers["Allow"]) == (405, "GET, PUT")
    assert again.json()["detail"] == (
        "This list member cannot be removed. "
        "Can not archive a contact that is bounced, pending or archived"
    )


@pytest.mark.parametrize("email", ["gone.away@courrier.fr", "not.yet@posta.it"])
def test_the_bounced_and_the_pending_cannot_be_archived(api: Api, email: str) -> None:
    api.ask("DELETE", api.path(email), 405)


def test_whom_one_deletes_for_ever_cannot_be_seen_or_added_again(api: Api) -> None:
    api.ask("POST", f"{api.path(LARS)}/actions/delete-permanent", 204)
    api.get(api.path(LARS), 404)
    body = {"email_address": LARS, "status": "subscribed"}
    problem = api.ask("POST", f"{api.audience}/members", 400, json=body)
    assert problem["title"] == "Forgotten Email Not Subscribed"
    assert api.get(f"{api.audience}/members")["total_items"] == 13


def test_rare_attributes_are_kept(api: Api) -> None:
    body = {
        "language": "no",
        "vip": True,
        "email_type": "text",
        "ip_signup": "192.0.2.1",
        "location": {"latitude": 59.9, "longitude": 10.7},
        "timestamp_signup": "2020-02-03 04:05:06",
    }
    api.ask("PATCH", api.path(LARS), json=body)
    member = api.member(LARS)
    assert (member["language"], member["vip"], member["email_type"]) == ("no", True, "text")
    assert member["location"]["latitude"] == 59.9
    assert member["timestamp_signup"] == "2020-02-03T04:05:06+00:00"
    assert api.get(f"{api.audience}/members", vip_only="true")["total_items"] == 1
    assert api.get(f"{api.audience}/members", email_type="text")["total_items"] == 1
    unique = member["unique_email_id"]
    assert api.get(f"{api.audience}/members", unique_email_id=unique)["total_items"] == 1


def test_tags_of_a_member_are_switched_on_and_off(api: Api) -> None:
    path = f"{api.path(LARS)}/tags"
    tags = [{"name": "Fresh", "status": "active"}, {"name": "Gold", "status": "inactive"}]
    api.ask("POST", path, 204, json={"tags": tags, "is_syncing": True})
    listed = api.get(path)
    assert [tag["name"] for tag in listed["tags"]] == ["Fresh"]
    api.ask("POST", path, 204, json={"tags": []})
    api.ask("POST", path, 204, json={"tags": [{"name": "FRESH", "status": "inactive"}]})
    assert api.get(path)["total_items"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tags": "Gold"},
        {"tags": ["Gold"]},
        {"tags": [{"name": "Gold", "status": "on"}]},
        {"tags": [{"status": "active"}]},
        {"tags": [{"name": "x" * 101, "status": "active"}]},
    ],
)
def test_tags_of_the_wrong_shape_are_refused(api: Api, body: dict[str, object]) -> None:
    api.ask("POST", f"{api.path(LARS)}/tags", 400, json=body)


def test_tags_of_somebody_unknown_are_not_found(api: Api) -> None:
    api.ask("POST", f"{api.path('nobody@nordlys.no')}/tags", 404, json={"tags": []})
    api.get(f"{api.path('nobody@nordlys.no')}/tags", 404)


def test_a_refused_filter_leaves_the_audience_writable(api: Api) -> None:
    for name in ("since_last_changed", "before_timestamp_opt"):
        api.get(f"{api.audience}/members", 400, **{name: "yesterday"})
    api.get(f"{api.audience}/members", 400, unsubscribed_since="x", status="unsubscribed")
    body = {"email_address": "new@nordlys.no", "status": "subscribed"}
    assert api.ask("POST", f"{api.audience}/members", json=body)["status"] == "subscribed"
