import hashlib
import json
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.mailchimp import batches, parse
from lib.mailchimp.member import MEMBERS
from lib.mailchimp.reply import Reply


def reply(document: object) -> Reply:
    return Reply("POST", "/lists/a", 200, "application/json", json.dumps(document).encode(), "r1")


def digest(email: str) -> str:
    return hashlib.md5(email.lower().encode()).hexdigest()


def person(email: str, status: str = "subscribed") -> dict[str, object]:
    return {"id": digest(email), "email_address": email, "status": status, "_links": [{"a": 1}]}


def body(emails: list[str]) -> bytes:
    return batches.body([json.dumps({"email_address": email}) for email in emails])


EMAILS = st.lists(
    st.sampled_from([f"{name}@fjordmail.no" for name in ("Ada", "bo", "Cy", "dé", "o'e", "f+1")]),
    unique=True,
    min_size=1,
)


@settings(deadline=None)
@given(emails=EMAILS, data=st.data())
def test_every_contact_sent_is_in_exactly_one_place(emails: list[str], data: st.DataObject) -> None:
    fates = {
        email: data.draw(st.sampled_from(["new", "old", "refused", "quoted", "silence"]))
        for email in emails
    }
    of = {fate: [email for email in emails if fates[email] == fate] for fate in fates.values()}
    errors = [
        {"email_address": one, "error": "No.", "error_code": "E"} for one in of.get("refused", [])
    ]
    errors += [{"email_address": f'\\"{one}\\"', "error": "No."} for one in of.get("quoted", [])]
    answer = {
        "new_members": [person(one) for one in of.get("new", [])],
        "updated_members": [person(one.upper(), "cleaned") for one in of.get("old", [])],
        "errors": errors,
    }
    got = parse.upsert(reply(answer), body(emails))
    assert set(got.created) == {digest(one) for one in of.get("new", [])}
    assert set(got.updated.column("member_id").to_pylist()) == {
        digest(one) for one in of.get("old", [])
    }
    assert {one.email for one in got.rejections} == {*of.get("refused", []), *of.get("quoted", [])}
    assert set(got.unanswered) == {digest(one) for one in of.get("silence", [])}
    assert got.answered.num_rows + len(got.rejections) + len(got.unanswered) == len(emails)


def test_rejections_carry_mailchimps_words_and_the_field() -> None:
    error = {
        "email_address": "a@b.no",
        "error": "Your merge fields were invalid.",
        "error_code": "ERROR_GENERIC",
        "field": "AGE",
        "field_message": "Bitte gib eine Zahl ein.",
    }
    answer = {"new_members": [], "updated_members": [], "errors": [error]}
    (refused,) = parse.upsert(reply(answer), body(["a@b.no"])).rejections
    assert (refused.code, refused.field) == ("ERROR_GENERIC", "AGE")
    assert refused.field_message == "Bitte gib eine Zahl ein."
    assert refused.member_id == digest("a@b.no")


def test_who_was_not_sent_is_left_out_of_the_answer() -> None:
    answer = {
        "new_members": [person("stranger@b.no")],
        "updated_members": [person("a@b.no")],
        "errors": [{"email_address": "x@b.no", "error": "No.", "error_code": "E"}],
    }
    got = parse.upsert(reply(answer), body(["a@b.no"]))
    assert got.answered.column("member_id").to_pylist() == [digest("a@b.no")]
    assert (got.rejections, got.unanswered) == ((), ())


def test_members_become_the_columns_of_the_snapshot_with_values_as_text() -> None:
    page = {
        "total_items": 12,
        "members": [
            {
                "id": "x",
                "email_address": "Åse@b.no",
                "status": "pending",
                "merge_fields": {"N": 12.5, "T": "", "A": {"city": "Bø", "zip": "1"}, "B": 7},
                "tags": [{"id": 1, "name": "Gold"}, {"id": 2, "name": "VIP"}],
                "last_changed": "2026-11-23T12:00:00+02:00",
            },
            {"id": "y", "merge_fields": [], "last_changed": ""},
        ],
    }
    got = parse.members(reply(page))
    first, second = got.rows.to_pylist()
    assert got.total == 12
    assert got.rows.schema == MEMBERS
    assert first["email"] == "Åse@b.no"
    merge = {"N": "12.5", "T": "", "A": '{"city":"Bø","zip":"1"}', "B": "7"}
    assert dict(first["merge"]) == merge
    assert first["tags"] == ["Gold", "VIP"]
    assert first["last_changed"] == datetime(2026, 11, 23, 10)
    assert (second["merge"], second["tags"], second["last_changed"]) == ([], [], None)


def test_an_empty_page_has_no_rows_and_its_total() -> None:
    got = parse.members(reply({"members": [], "total_items": 7}))
    assert (got.total, got.rows.num_rows) == (7, 0)
