from pathlib import Path

import pytest

from lib.practice.disputes import Disputes, choose, readings
from tests.practice.conftest import Api, Json, new

KARI = {"email_address": "kari.lie@fjordmail.no", "status": "subscribed"}
BOUNCED = {"email_address": "gone.away@courrier.fr", "status": "subscribed"}


def test_every_disputed_behaviour_has_two_readings_and_defaults_to_the_first() -> None:
    assert all(len(both) == 2 for both in readings().values())
    assert all(getattr(Disputes(), name) == both[0] for name, both in readings().items())


@pytest.mark.parametrize("chosen", [{"nothing": "x"}, {"since": "sometimes"}])
def test_an_unknown_reading_is_refused_with_the_known_ones(chosen: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"since|exclusive"):
        choose(Disputes(), chosen)


@pytest.mark.parametrize("member", [KARI, BOUNCED])
def test_resubscribing_in_a_batch_is_silent_or_refused(api: Api, member: Json) -> None:
    before = api.member(member["email_address"])["status"]
    assert api.batch(member)["total_updated"] == 1
    api.read(resubscribe="refused")
    error = api.batch(member)["errors"][0]
    assert "is in a compliance state due to unsubscribe" in error["error"]
    assert "field" not in error
    assert api.member(member["email_address"])["status"] == before != "subscribed"


def test_unchanged_members_count_as_updated_or_in_no_list(api: Api) -> None:
    assert api.batch(new("lars.olsen@nordlys.no"))["total_updated"] == 1
    api.read(unchanged="left_out")
    assert api.batch(new("lars.olsen@nordlys.no"))["total_updated"] == 0


def test_duplicates_fail_singly_or_refuse_the_call(api: Api) -> None:
    api.read(duplicates="call_refused")
    api.batch(new("x@nordlys.no"), new("X@nordlys.no"), status=400)
    api.get(api.path("x@nordlys.no"), 404)


def test_the_revived_are_created_or_updated(api: Api) -> None:
    api.read(revived="updated")
    reply = api.batch({"email_address": "old.friend@nordlys.no", "status": "subscribed"})
    assert (reply["total_created"], reply["total_updated"]) == (0, 1)


def test_status_if_new_leaves_the_archived_or_revives_them(api: Api) -> None:
    api.batch(new("old.friend@nordlys.no"))
    assert api.member("old.friend@nordlys.no")["status"] == "archived"
    api.read(archived_if_new="revives")
    api.batch(new("old.friend@nordlys.no"))
    assert api.member("old.friend@nordlys.no")["status"] == "subscribed"


def test_who_unsubscribed_before_being_archived_is_protected_under_every_reading(api: Api) -> None:
    api.read(archived_if_new="revives")
    api.batch(new("older.friend@nordlys.no"), KARI)
    assert api.member("older.friend@nordlys.no")["status"] == "archived"


def test_an_empty_batch_may_be_refused(api: Api) -> None:
    api.read(empty_batch="refused")
    api.batch(status=400)


def test_tags_in_a_batch_may_not_be_known(api: Api) -> None:
    api.read(tags_in_batch="ignored")
    api.batch(new("x@nordlys.no", tags=["Gold"]))
    assert api.member("x@nordlys.no")["tags"] == []


def test_tags_in_a_put_are_ignored_or_added(api: Api) -> None:
    path = api.path("lars.olsen@nordlys.no")
    assert api.ask("PUT", path, json={"tags": ["Put"]})["tags"] == []
    api.read(tags_on_put="added")
    assert [tag["name"] for tag in api.ask("PUT", path, json={"tags": ["Put"]})["tags"]] == ["Put"]


def test_sync_tags_without_tags_leaves_or_wipes(api: Api) -> None:
    api.batch(new("ingrid.hansen@nordlys.no"), sync_tags=True)
    assert api.member("ingrid.hansen@nordlys.no")["tags_count"] == 1
    api.read(sync_without_tags="wiped")
    api.batch(new("ingrid.hansen@nordlys.no"), sync_tags=True)
    assert api.member("ingrid.hansen@nordlys.no")["tags_count"] == 0


def test_since_last_changed_leaves_out_or_takes_in_that_second(api: Api) -> None:
    moment = api.member("lars.olsen@nordlys.no")["last_changed"]
    path = f"{api.audience}/members"
    after = api.get(path, since_last_changed=moment)["total_items"]
    api.read(since="inclusive")
    assert api.get(path, since_last_changed=moment)["total_items"] == after + 1


def test_long_text_is_refused_or_cut_at_255_bytes(api: Api) -> None:
    member = new("x@nordlys.no", merge_fields={"FNAME": "ø" * 200})
    assert api.batch(member)["errors"][0]["field"] == "FNAME"
    api.read(long_text="cut")
    assert api.batch(member)["new_members"][0]["merge_fields"]["FNAME"] == "ø" * 127


def test_one_bad_shape_may_refuse_the_whole_call(api: Api) -> None:
    api.read(member_schema="call_refused")
    api.batch(new("x@nordlys.no"), {"email_address": "y@nordlys.no"}, status=400)
    api.batch(new("x@nordlys.no"), {"email_address": 1, "status": "subscribed"}, status=400)
    api.get(api.path("x@nordlys.no"), 404)


def test_tags_that_differ_in_case_are_one_or_two(api: Api) -> None:
    api.read(tag_case="exact")
    api.batch(new("x@nordlys.no", tags=["Gold", "gold"]))
    assert api.member("x@nordlys.no")["tags_count"] == 2


def test_lower_case_merge_tags_are_taken_or_dropped(api: Api) -> None:
    member = new("x@nordlys.no", merge_fields={"fname": "Ada"})
    assert api.batch(member)["new_members"][0]["merge_fields"]["FNAME"] == "Ada"
    api.read(merge_case="exact")
    member["merge_fields"] = {"fname": "Bo"}
    assert api.batch(member)["updated_members"][0]["merge_fields"]["FNAME"] == "Ada"


def test_addresses_in_errors_may_come_within_quotation_marks(api: Api) -> None:
    api.read(quoted_address="quoted")
    assert api.batch(new("nobody"))["errors"][0]["email_address"] == '"nobody"'


def test_values_outside_the_choices_are_refused_or_taken(api: Api) -> None:
    member = new("x@nordlys.no", merge_fields={"TIER": "Wood"})
    assert api.batch(member)["errors"][0]["field"] == "TIER"
    api.read(unlisted_choice="accepted")
    assert api.batch(member)["total_created"] == 1


def test_an_address_without_state_is_incomplete_or_accepted(api: Api) -> None:
    place = {"addr1": "Storgata 1", "city": "Oslo", "state": "", "zip": "0155"}
    member = new("x@nordlys.no", merge_fields={"ADDRESS": place})
    assert api.batch(member)["errors"][0]["field_message"] == "Please enter a complete address"
    api.read(blank_state="accepted")
    assert api.batch(member)["total_created"] == 1


def test_a_required_field_has_to_be_sent_when_it_is_empty_or_every_time(api: Api) -> None:
    fields = api.get(f"{api.audience}/merge-fields", count=100)["merge_fields"]
    last = next(one["merge_id"] for one in fields if one["tag"] == "LNAME")
    api.batch(new("x@nordlys.no", merge_fields={"LNAME": "Lie"}))
    api.ask("PATCH", f"{api.audience}/merge-fields/{last}", json={"required": True})
    some = new("x@nordlys.no", merge_fields={"FNAME": "Ada"})
    assert api.batch(some)["total_updated"] == 1
    api.read(required_on_update="all")
    assert api.batch(some)["errors"][0]["field"] == "LNAME"
    assert api.batch(some, query={"skip_merge_validation": "true"})["total_updated"] == 1
    assert api.batch(new("x@nordlys.no", tags=["Club"]))["total_updated"] == 1
    some["merge_fields"]["LNAME"] = "Lie"
    assert api.batch(some)["total_updated"] == 1


def test_fields_of_a_batch_are_ignored_or_honoured(api: Api) -> None:
    query = {"fields": "total_created"}
    assert len(api.batch(new("x@nordlys.no"), query=query)) == 7
    api.read(batch_fields="honoured")
    assert api.batch(new("x@nordlys.no"), query=query) == {"total_created": 0}


def test_capital_booleans_are_true_or_not(api: Api) -> None:
    twice = [new("x@nordlys.no"), new("x@nordlys.no")]
    query = {"skip_duplicate_check": "True"}
    assert api.batch(*twice, query=query)["error_count"] == 0
    api.read(capital_booleans="false")
    assert api.batch(*twice, query=query)["error_count"] == 1


def test_double_optin_audiences_may_force_pending(api: Api) -> None:
    api.ask("PATCH", api.audience, json={"double_optin": True})
    assert api.batch(new("x@nordlys.no"))["new_members"][0]["status"] == "subscribed"
    api.read(forced_opt_in="pending")
    assert api.batch(new("y@nordlys.no"))["new_members"][0]["status"] == "pending"


def test_results_may_come_in_any_order(api: Api) -> None:
    members = [new(f"m{number}@nordlys.no") for number in range(40)]
    asked = [member["email_address"] for member in members]
    assert [one["email_address"] for one in api.batch(*members)["new_members"]] == asked
    api.read(result_order="shuffled")
    answered = [one["email_address"] for one in api.batch(*members)["updated_members"]]
    assert answered != asked
    assert sorted(answered) == sorted(asked)


@pytest.mark.parametrize(("reading", "status"), [("confirmed", "subscribed"), ("stays", "pending")])
def test_the_pending_are_subscribed_or_stay_so(api: Api, reading: str, status: str) -> None:
    api.read(pending_subscribed=reading)
    member = {"email_address": "x@nordlys.no", "status": "pending"}
    api.batch(member)
    api.batch(member | {"status": "subscribed"})
    assert api.member("x@nordlys.no")["status"] == status


def test_an_audience_has_thirty_merge_fields_or_eighty(api: Api) -> None:
    path = f"{api.audience}/merge-fields"
    missing = 30 - api.get(path)["total_items"]
    for number in range(missing):
        api.ask("POST", path, json={"name": f"F{number}", "type": "text"})
    one_more = {"name": "More", "type": "text"}
    assert api.send("POST", path, json=one_more).status_code == 400
    api.read(most_fields="80")
    assert api.send("POST", path, json=one_more).status_code == 200


def test_every_switch_is_tried_by_a_test() -> None:
    told = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in readings() if f"{name}=" not in told] == []
