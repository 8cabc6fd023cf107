"""The client against the practice Mailchimp, over real HTTP."""

import logging

import pytest

from lib.errors import (
    CredentialsError,
    InDoubtError,
    MailchimpError,
    MissingError,
    RequestError,
    ThrottledError,
    UnavailableError,
)
from lib.mailchimp import batches
from lib.mailchimp.client import Mailchimp, connect
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.retries import Patience
from tests.mailchimp.conftest import Stand

ADA = (
    '{"email_address":"ada@fjordmail.no","status_if_new":"subscribed",'
    '"merge_fields":{"FNAME":"Ada"}}'
)
KARI = '{"email_address":"kari.lie@fjordmail.no","status_if_new":"subscribed"}'


def once(stand: Stand, key: str = "") -> Mailchimp:
    return connect(Credentials(stand.url, key or stand.api_key), patience=Patience(attempts=1))


def test_it_tells_account_audiences_and_tags(client: Mailchimp, stand: Stand) -> None:
    client.ping()
    assert client.account().name
    assert stand.audience_id in {audience.id for audience in client.audiences()}
    assert client.audience(stand.audience_id).members == 7
    assert {tag.name for tag in client.tags(stand.audience_id)} == {"VIP", "Gold"}


def test_all_merge_fields_come_though_mailchimp_pages_by_ten(
    client: Mailchimp, stand: Stand
) -> None:
    fields = client.merge_fields(stand.audience_id)
    assert len(fields) > 10
    assert next(field for field in fields if field.tag == "TIER").choices[0] == "Bronze"


def test_an_upsert_gives_every_contact_exactly_one_answer(client: Mailchimp, stand: Stand) -> None:
    forgotten = ADA.replace("ada@", "please.forget@")
    broken = ADA.replace("ada@fjordmail.no", "no address")
    reply = client.upsert(stand.audience_id, batches.body([ADA, KARI, forgotten, broken]))
    assert len(reply.created) == 1
    assert reply.updated.column("status").to_pylist() == ["unsubscribed"]
    assert [one.email for one in reply.rejections] == ["please.forget@fjordmail.no", "no address"]
    assert "permanently deleted" in reply.rejections[0].message
    assert reply.unanswered == reply.in_doubt == ()
    assert reply.request_id


def test_contacts_that_an_answer_passes_over_in_silence_are_noticed(
    client: Mailchimp, stand: Stand
) -> None:
    client.upsert(stand.audience_id, batches.body([ADA]))
    stand.dial("disputes", unchanged="left_out")
    reply = client.upsert(stand.audience_id, batches.body([ADA]))
    assert len(reply.unanswered) == 1


def test_a_member_is_read_tagged_archived_and_archiving_twice_is_no_fault(
    client: Mailchimp, stand: Stand
) -> None:
    (member,) = client.upsert(stand.audience_id, batches.body([ADA])).created
    vip = next(tag for tag in client.tags(stand.audience_id) if tag.name == "VIP")
    told = client.tag_members(stand.audience_id, vip.id, add=["ada@fjordmail.no", "x@nobody.no"])
    assert told.added == 1
    rows = client.members(stand.audience_id).rows.to_pylist()
    (row,) = [one for one in rows if one["member_id"] == member]
    assert row["email"] == "ada@fjordmail.no"
    assert dict(row["merge"])["FNAME"] == "Ada"
    assert row["tags"] == ["VIP"]
    assert client.archive(stand.audience_id, member)
    assert not client.archive(stand.audience_id, member)
    assert client.members(stand.audience_id, status="archived").total == 3


@pytest.mark.parametrize(
    "fault", ["bare-429", "bare-403", "problem-429", "500", "502-html", "503-html", "504-html",
              "truncated-json", "reset-before", "reset-after"],
)  # fmt: skip
def test_what_passes_by_itself_is_sat_out(client: Mailchimp, stand: Stand, fault: str) -> None:
    stand.fail(fault, times=2)
    assert client.members(stand.audience_id, count=5).rows.num_rows == 5
    stand.fail(fault, times=2, on="batch")
    reply = client.upsert(stand.audience_id, batches.body([ADA]))
    assert reply.answered.num_rows == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("bare-429", ThrottledError),
        ("bare-403", ThrottledError),
        ("problem-429", ThrottledError),
        ("key-revoked", CredentialsError),
        ("low-role", CredentialsError),
        ("503-html", UnavailableError),
        ("disabled-method", UnavailableError),
        ("500", InDoubtError),
        ("502-html", InDoubtError),
        ("504-html", InDoubtError),
        ("truncated-json", InDoubtError),
        ("reset-after", InDoubtError),
    ],
)
def test_what_stays_becomes_the_error_that_says_who_can_act(
    stand: Stand, fault: str, kind: type[MailchimpError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stand.fail(fault)
    patience = Patience(attempts=2, throttled=2, sleep=lambda seconds: None)
    with connect(Credentials(stand.url, stand.api_key), patience=patience) as client:
        with pytest.raises(kind) as caught:
            client.upsert(stand.audience_id, batches.body([ADA]))
        shown = f"{caught.value} {caught.value!r} {client!r} {caplog.text}"
    assert str(caught.value).endswith(".")
    assert "ada@" not in shown
    assert stand.api_key not in shown


def test_a_lost_answer_to_making_a_tag_is_not_repeated(client: Mailchimp, stand: Stand) -> None:
    stand.fail("reset-after", times=1)
    with pytest.raises(InDoubtError):
        client.create_tag(stand.audience_id, "Once")
    assert [tag.name for tag in client.tags(stand.audience_id)].count("Once") == 1


def test_a_wrong_key_a_wrong_data_centre_and_no_network_differ(stand: Stand) -> None:
    with once(stand, "f" * 32 + "-us1") as client, pytest.raises(CredentialsError, match="key"):
        client.ping()
    elsewhere = stand.api_key.rpartition("-")[0] + "-us77"
    with once(stand, elsewhere) as client, pytest.raises(CredentialsError, match="us77"):
        client.ping()
    with (
        connect(
            Credentials("http://127.0.0.1:9", "a-us1"), patience=Patience(attempts=1)
        ) as client,
        pytest.raises(UnavailableError, match="network"),
    ):
        client.ping()


def test_an_unknown_audience_is_missing_and_the_sentence_says_what_to_do(
    client: Mailchimp, stand: Stand
) -> None:
    for ask in (
        lambda: client.audience("nowhere"),
        lambda: client.members("nowhere"),
        lambda: client.upsert("nowhere", batches.body([ADA])),
    ):
        with pytest.raises(MissingError, match="no audience with this ID"):
            ask()
    with pytest.raises(MissingError, match="contact"):
        client.member(stand.audience_id, "0" * 32)


def test_a_refusal_repeats_mailchimps_words_but_no_address(client: Mailchimp, stand: Stand) -> None:
    with pytest.raises(RequestError) as caught:
        client.upsert(stand.audience_id, b'{"members":"ada@fjordmail.no"}')
    assert caught.value.status == 400
    assert caught.value.title == "Invalid Resource"
    assert caught.value.request_id
    assert "ada@" not in str(caught.value)
