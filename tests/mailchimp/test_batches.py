import json
from dataclasses import replace

import pytest

from lib.errors import AccountError, CancelledError, CredentialsError, InDoubtError, MailchimpError
from lib.mailchimp import batches
from lib.mailchimp.client import Mailchimp
from tests.mailchimp.conftest import Said, Script, Stand, Told


def members(count: int) -> list[str]:
    return [
        f'{{"email_address":"person{number}@fjordmail.no","status_if_new":"subscribed"}}'
        for number in range(count)
    ]


def applied(told: Told) -> Said:
    """Answer an upsert as Mailchimp would, all members being new."""
    if told.method == "GET":
        return Said()
    sent = json.loads(told.body)["members"]
    rows = [{"id": one["email_address"], **one, "status": "subscribed"} for one in sent]
    return Said(body=json.dumps({"new_members": rows, "updated_members": []}).encode())


def test_more_than_500_are_refused() -> None:
    with pytest.raises(ValueError, match="501"):
        batches.body(members(501))


def test_one_member_that_makes_the_whole_call_fail_is_found_and_the_others_arrive(
    client: Mailchimp, stand: Stand
) -> None:
    stand.dial("disputes", member_schema="call_refused")
    wrong = '{"email_address":"odd@fjordmail.no","status_if_new":"nonsense"}'
    reply = batches.send(client, stand.audience_id, [*members(40), wrong, *members(49)[40:]])
    assert len(reply.created) == 49
    (refused,) = reply.rejections
    assert (refused.email, refused.code) == ("odd@fjordmail.no", "ERROR_CALL")
    assert refused.message


def test_a_call_that_is_too_large_is_sent_in_halves(script: Script) -> None:
    script.answer = lambda told: Said(413, b"") if len(told.body) > 30_000 else applied(told)
    with script.connect() as client:
        reply = batches.send(client, "abc", members(500))
    assert reply.answered.num_rows == 500
    assert not reply.rejections
    assert reply.calls == 3


def test_a_member_that_never_gets_an_answer_is_in_doubt_and_the_others_are_not(
    script: Script,
) -> None:
    def poisoned(told: Told) -> Said:
        return Said(body=b'{"new_mem') if b"person7@" in told.body else applied(told)

    script.answer = poisoned
    with script.connect() as client:
        reply = batches.send(client, "abc", members(32))
    assert len(reply.in_doubt) == 1
    assert reply.answered.num_rows == 31


def test_a_member_that_makes_the_call_too_slow_is_in_doubt_and_the_others_arrive(
    script: Script,
) -> None:
    def slow(told: Told) -> Said:
        said = applied(told)
        return replace(said, pause_s=0.4) if b"person2@" in told.body else said

    script.answer = slow
    with script.connect(timeout_s=0.2) as client:
        reply = batches.send(client, "abc", members(4))
    assert (len(reply.in_doubt), reply.answered.num_rows) == (1, 3)


@pytest.mark.parametrize("count", [1, 3])
def test_a_member_whose_answers_are_lost_by_chance_arrives_all_the_same(
    script: Script, count: int
) -> None:
    said = iter(range(1_000))

    def unlucky(told: Told) -> Said:
        if b"person0@" not in told.body or next(said) > 10:
            return applied(told)
        return Said(502, b"<html>", "text/html")

    script.answer = unlucky
    with script.connect() as client:
        reply = batches.send(client, "abc", members(count))
    assert not reply.in_doubt
    assert reply.answered.num_rows == count


def test_nothing_is_split_when_it_is_mailchimp_that_is_down(script: Script) -> None:
    script.answer = lambda told: Said(502, b"<html>", "text/html")
    with script.connect() as client, pytest.raises(MailchimpError):
        batches.send(client, "abc", members(100))
    assert len(script.told) == 3 + 1


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_batch_that_may_have_been_applied_stays_in_doubt_when_mailchimp_turns_away_the_rest(
    script: Script, status: int
) -> None:
    script.answer = lambda told: Said(status if told.method == "GET" else 502, b"", "")
    with script.connect() as client, pytest.raises(InDoubtError):
        batches.send(client, "abc", members(4))


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_batch_of_which_one_half_was_applied_is_in_doubt(script: Script, status: int) -> None:
    def half(told: Told) -> Said:
        there = b"person0@" in told.body, b"person3@" in told.body
        return {(True, True): Said(413, b""), (True, False): applied(told)}.get(
            there, Said(status, b"", "")
        )

    script.answer = half
    with script.connect() as client, pytest.raises(InDoubtError):
        batches.send(client, "abc", members(4))


def test_it_gives_up_when_every_part_is_lost_though_mailchimp_answers_pings(
    script: Script,
) -> None:
    script.answer = lambda told: Said() if told.method == "GET" else Said(500, b"")
    with script.connect() as client, pytest.raises(InDoubtError):
        batches.send(client, "abc", members(500))
    assert len(script.told) < 100


LIMIT = b'{"title":"Invalid Resource","detail":"The plan of person3@fjordmail.no has no room."}'


def test_splitting_ends_when_members_are_refused_one_like_the_other(script: Script) -> None:
    script.answer = lambda told: Said(400, LIMIT, "application/problem+json")
    with script.connect() as client, pytest.raises(AccountError) as caught:
        batches.send(client, "abc", members(500))
    assert len(script.told) < 60
    assert "(address) has no room" in str(caught.value)


def test_a_few_members_refused_one_like_the_other_are_rejected(script: Script) -> None:
    script.answer = lambda told: Said(400, LIMIT, "application/problem+json")
    with script.connect() as client:
        reply = batches.send(client, "abc", members(20))
    assert len(reply.rejections) == 20


@pytest.mark.parametrize("bad", [10, 200])
def test_neighbours_refused_one_like_the_other_are_found(script: Script, bad: int) -> None:
    wrong = [f"person{number}@".encode() for number in range(bad)]
    script.answer = lambda told: (
        Said(400, LIMIT) if any(one in told.body for one in wrong) else applied(told)
    )
    with script.connect() as client:
        reply = batches.send(client, "abc", members(500))
    assert len(reply.rejections) == bad


def test_a_revoked_key_ends_it_at_once(script: Script) -> None:
    script.answer = lambda told: Said(401, b'{"title":"API Key Invalid"}')
    with script.connect() as client, pytest.raises(CredentialsError):
        batches.send(client, "abc", members(10))
    assert len(script.told) == 1


def test_it_can_be_cancelled_between_halves(script: Script) -> None:
    script.answer = lambda told: Said(413, b"")
    checks: list[int] = []

    def check() -> None:
        checks.append(1)
        if len(checks) == 3:
            raise CancelledError("Cancelled.")

    with script.connect() as client, pytest.raises(CancelledError):
        client.guard(check)
        batches.send(client, "abc", members(100))
    assert len(script.told) == 2
