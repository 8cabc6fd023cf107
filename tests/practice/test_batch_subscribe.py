import pytest

from tests.practice.conftest import Api, Json, new

KEYS = {
    "new_members",
    "updated_members",
    "errors",
    "total_created",
    "total_updated",
    "error_count",
    "_links",
}
SHAPE = (
    "The resource submitted could not be validated. "
    "For field-specific details, see the 'errors' array."
)
FAKE = "looks fake or invalid, please enter a real email address."


def only_error(reply: Json) -> Json:
    assert reply["error_count"] == len(reply["errors"]) == 1
    assert reply["new_members"] == reply["updated_members"] == []
    return reply["errors"][0]


def test_new_and_known_members_are_told_apart(api: Api) -> None:
    reply = api.batch(new("nils@nordlys.no"), new("lars.olsen@nordlys.no"))
    assert set(reply) == KEYS
    assert [one["email_address"] for one in reply["new_members"]] == ["nils@nordlys.no"]
    assert [one["email_address"] for one in reply["updated_members"]] == ["lars.olsen@nordlys.no"]
    assert (reply["total_created"], reply["total_updated"], reply["error_count"]) == (1, 1, 0)


def test_a_call_whose_members_all_fail_still_answers_200(api: Api) -> None:
    reply = api.batch(new("nobody"), new("ada@example.com"), {"email_address": "x@nordlys.no"})
    assert set(reply) == KEYS
    assert reply["error_count"] == 3
    assert {error["error_code"] for error in reply["errors"]} == {"ERROR_GENERIC"}


@pytest.mark.parametrize(
    ("email", "text"),
    [
        ("nobody", "Please provide a valid email address."),
        ("", "Please provide a valid email address."),
        ("a@b", "Please provide a valid email address."),
        ("two@@nordlys.no", "Please provide a valid email address."),
        (
            "a@example.com",
            "a@example.com looks fake or invalid, please enter a real email address.",
        ),
        ("a@post.con", f"a@post.con {FAKE}"),
    ],
)
def test_addresses_that_are_not_believed_are_refused(api: Api, email: str, text: str) -> None:
    error = only_error(api.batch(new(email)))
    assert error == {"email_address": email, "error": text, "error_code": "ERROR_GENERIC"}


def test_without_update_existing_known_members_fail(api: Api) -> None:
    error = only_error(api.batch(new("lars.olsen@nordlys.no"), update_existing=False))
    assert error["error_code"] == "ERROR_CONTACT_EXISTS"
    assert error["error"] == (
        "lars.olsen@nordlys.no is already a list member, do you want to update? "
        "please provide update_existing:true in the request body"
    )


@pytest.mark.parametrize(
    "member",
    [
        {"email_address": "x@nordlys.no"},
        {"email_address": "x@nordlys.no", "status": "archived"},
        {"email_address": "x@nordlys.no", "status_if_new": "present"},
        {"email_address": 7, "status": "subscribed"},
        {"email_address": "x@nordlys.no", "status": "subscribed", "merge_fields": []},
        {"email_address": "x@nordlys.no", "status": "subscribed", "tags": "Gold"},
        {"email_address": "x@nordlys.no", "status": "subscribed", "tags": [{"id": 1}]},
        {"email_address": "x@nordlys.no", "status": "subscribed", "timestamp_opt": "soon"},
        {"email_address": "x@nordlys.no", "status": "subscribed", "location": {"latitude": "n"}},
        "x@nordlys.no",
        None,
    ],
)
def test_a_member_of_the_wrong_shape_fails_alone(api: Api, member: object) -> None:
    reply = api.batch(member, new("nils@nordlys.no"))
    assert reply["total_created"] == 1
    assert [error["error"] for error in reply["errors"]] == [SHAPE]


def test_an_unknown_interest_is_named(api: Api) -> None:
    error = only_error(api.batch(new("x@nordlys.no", interests={"abc": True})))
    assert "invalid interest id" in error["error"]


def test_merge_values_are_merged_and_empty_text_clears(api: Api) -> None:
    email = "lars.olsen@nordlys.no"
    api.batch(new(email, merge_fields={"LNAME": "", "LTV": 7.5, "PHONE": "+47 1"}))
    merge = api.member(email)["merge_fields"]
    assert (merge["FNAME"], merge["LNAME"], merge["LTV"], merge["PHONE"]) == (
        "Lars",
        "",
        7.5,
        "+47 1",
    )
    assert merge["BIRTHDAY"] == ""


def test_unknown_merge_tags_are_dropped_silently(api: Api) -> None:
    reply = api.batch(new("x@nordlys.no", merge_fields={"NOSUCH": "1", "EMAIL": "2"}))
    assert reply["total_created"] == 1
    assert not {"NOSUCH", "EMAIL"} & set(reply["new_members"][0]["merge_fields"])


def test_a_bad_merge_value_names_field_and_message(api: Api) -> None:
    error = only_error(api.batch(new("x@nordlys.no", merge_fields={"LTV": "much"})))
    assert error["error"] == "Your merge fields were invalid."
    assert (error["field"], error["field_message"]) == ("LTV", "Please enter a number")


def test_a_refused_member_is_not_half_written(api: Api) -> None:
    email = "lars.olsen@nordlys.no"
    before = api.member(email)
    api.batch(new(email, merge_fields={"FNAME": "Changed", "LTV": "much"}, tags=["Changed"]))
    assert api.member(email) == before


def test_required_fields_are_asked_of_new_members_unless_skipped(api: Api) -> None:
    fields = api.get(f"{api.audience}/merge-fields")["merge_fields"]
    path = f"{api.audience}/merge-fields/{fields[1]['merge_id']}"
    api.ask("PATCH", path, json={"required": True})
    error = only_error(api.batch(new("x@nordlys.no")))
    assert (error["field"], error["field_message"]) == ("LNAME", "Please enter a value")
    skipped = api.batch(new("x@nordlys.no"), query={"skip_merge_validation": "true"})
    assert skipped["total_created"] == 1
    assert api.batch(new("lars.olsen@nordlys.no"))["total_updated"] == 1


def test_field_messages_follow_the_locale_and_the_rest_stays_english(api: Api) -> None:
    api.dial("faults", faults=["locale"])
    error = only_error(api.batch(new("x@nordlys.no", merge_fields={"LTV": "much"})))
    assert error["error"] == "Your merge fields were invalid."
    assert error["field_message"] == "Bitte gib eine Zahl ein."


def test_status_if_new_does_nothing_to_known_members(api: Api) -> None:
    for email in ("kari.lie@fjordmail.no", "gone.away@courrier.fr", "not.yet@posta.it"):
        before = api.member(email)["status"]
        api.batch(new(email, merge_fields={"FNAME": "Known"}))
        after = api.member(email)
        assert (after["status"], after["merge_fields"]["FNAME"]) == (before, "Known")


def test_who_was_unsubscribed_by_an_integration_can_be_subscribed_by_one(api: Api) -> None:
    member = {"email_address": "anne.dahl@nordlys.no", "status": "subscribed"}
    assert api.batch(member)["total_updated"] == 1
    assert api.member("anne.dahl@nordlys.no")["status"] == "subscribed"


def test_the_archived_come_back_with_tags_and_merge_values(api: Api) -> None:
    email = "old.friend@nordlys.no"
    api.ask("POST", f"{api.path(email)}/tags", 204, json={"tags": [active("Kept")]})
    reply = api.batch({"email_address": email, "status": "subscribed"})
    assert (reply["total_created"], reply["total_updated"]) == (1, 0)
    after = api.member(email)
    assert after["status"] == "subscribed"
    assert after["merge_fields"]["FNAME"] == "Liv"
    assert "Kept" in [tag["name"] for tag in after["tags"]]


def active(name: str) -> dict[str, str]:
    return {"name": name, "status": "active"}


@pytest.mark.parametrize("status", ["subscribed", "pending", "unsubscribed"])
def test_the_forgotten_are_refused_whatever_is_asked(api: Api, status: str) -> None:
    email = "please.forget@fjordmail.no"
    error = only_error(api.batch({"email_address": email, "status": status}))
    assert error["error"] == (
        f"{email} was permanently deleted and cannot be re-imported. "
        "The contact must re-subscribe to get back on the list."
    )
    api.get(api.path(email), 404)


def test_tags_are_added_and_replaced_under_sync_tags(api: Api) -> None:
    email = "ingrid.hansen@nordlys.no"
    api.batch(new(email, tags=["Club", "gold"]))
    assert tags_of(api, email) == {"VIP", "Club", "Gold"}
    api.batch(new(email, tags=["Club"]), sync_tags=True)
    assert tags_of(api, email) == {"Club"}
    api.batch(new(email, tags=[]), sync_tags=True)
    assert tags_of(api, email) == set()


def tags_of(api: Api, email: str) -> set[str]:
    return {tag["name"] for tag in api.member(email)["tags"]}


def test_a_member_shows_at_most_fifty_tags(api: Api) -> None:
    api.batch(new("many@nordlys.no", tags=[f"T{number}" for number in range(60)]))
    member = api.member("many@nordlys.no")
    assert (len(member["tags"]), member["tags_count"]) == (50, 60)
    listed = api.get(f"{api.path('many@nordlys.no')}/tags", count=100)
    assert (len(listed["tags"]), listed["total_items"]) == (60, 60)


def test_the_same_address_twice_fails_once_whatever_its_case(api: Api) -> None:
    reply = api.batch(new("x@nordlys.no"), new("X@Nordlys.no"))
    assert (reply["total_created"], reply["error_count"]) == (1, 1)


def test_skip_duplicate_check_lets_the_first_win_without_a_word(api: Api) -> None:
    first, second = (new("x@nordlys.no", merge_fields={"FNAME": name}) for name in "AB")
    reply = api.batch(first, second, query={"skip_duplicate_check": "true"})
    assert (reply["total_created"], reply["error_count"]) == (1, 0)
    assert api.member("x@nordlys.no")["merge_fields"]["FNAME"] == "A"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Required fields were not provided: members"),
        ({"members": None}, "Schema describes array, NULL found instead"),
        ({"members": {}}, "Schema describes array, object found instead"),
        ([], "Schema describes object, array found instead"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_as_a_whole(
    api: Api, body: object, message: str
) -> None:
    problem = api.ask("POST", api.audience, 400, json=body)
    assert problem["title"] == "Invalid Resource"
    assert problem["errors"][0]["message"] == message


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    problem = api.ask("POST", api.audience, 400, data=b'{"members": [')
    assert problem["title"] == "JSON Parse Error"


def test_five_hundred_are_taken_and_one_more_is_not(api: Api) -> None:
    members = [new(f"m{number}@nordlys.no") for number in range(501)]
    assert api.batch(*members[:500])["total_created"] == 500
    problem = api.batch(*members, status=400)
    assert (problem["title"], "at most 500" in problem["detail"]) == ("Invalid Resource", True)


def test_an_empty_batch_answers_with_zeros(api: Api) -> None:
    assert api.batch()["error_count"] == 0


def test_members_in_the_reply_are_slimmer_than_single_ones_but_linked(api: Api) -> None:
    member = api.batch(new("x@nordlys.no"))["new_members"][0]
    single = api.member("x@nordlys.no")
    missing = set(single) - set(member)
    assert missing >= {"web_id", "source", "full_name", "contact_id"}
    assert len(member["_links"]) >= 9


def test_the_last_change_has_the_second_and_an_unchanged_member_keeps_it(api: Api) -> None:
    before = api.member("lars.olsen@nordlys.no")["last_changed"]
    api.batch(new("lars.olsen@nordlys.no", merge_fields={"FNAME": "Lars"}))
    assert api.member("lars.olsen@nordlys.no")["last_changed"] == before
    api.batch(new("lars.olsen@nordlys.no", merge_fields={"FNAME": "Lasse"}))
    assert api.member("lars.olsen@nordlys.no")["last_changed"] > before
    assert before.endswith("+00:00") and "." not in before


def test_a_tag_has_as_long_a_name_in_a_batch_as_anywhere(api: Api) -> None:
    assert api.batch(new("x@nordlys.no", tags=["x" * 100]))["total_created"] == 1
    error = only_error(api.batch(new("y@nordlys.no", tags=["x" * 101])))
    assert (error["field"], error["field_message"]) == ("tags", "Names have at most 100 characters")
