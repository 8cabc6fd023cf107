"""What goes over the wire, and answers that look like success but are none."""

import json
import time

import pytest

from lib.errors import InDoubtError, MailchimpError, ThrottledError, UnavailableError
from lib.mailchimp import batches
from lib.mailchimp.transport import encode, query
from tests.mailchimp.conftest import KEY, Said, Script, Told

DONE = b'{"new_members":[],"updated_members":[],"errors":[]}'
ADA = '{"email_address":"ada@fjordmail.no","status_if_new":"subscribed"}'


def test_bytes_go_out_as_they_are_and_ask_for_neither_status_nor_replaced_tags(
    script: Script,
) -> None:
    script.answer = lambda told: Said(body=DONE)
    body = batches.body(['{"email_address":"Åse@fjordmail.no"}'])
    with script.connect() as client:
        client.upsert("abc", body)
    (told,) = script.told
    assert told.body == body
    assert json.loads(body)["sync_tags"] is False
    assert "status" not in json.loads(body)["members"][0]
    assert told.headers["Content-Type"] == "application/json"
    assert "gzip" in told.headers["Accept-Encoding"]


def test_the_word_server_is_left_alone_and_paths_are_quoted(script: Script) -> None:
    script.answer = lambda told: Said(404, b'{"title":"Resource Not Found"}')
    with script.connect() as client, pytest.raises(MailchimpError):
        client.archive("server/../x", "server@localserver.org")
    assert script.told[0].path == "/3.0/lists/server%2F..%2Fx/members/server%40localserver.org"


def test_lists_and_booleans_are_written_as_mailchimp_reads_them() -> None:
    asked = query([("fields", ["a.b", "c"]), ("skip", True), ("none", None), ("count", 5)])
    assert asked == [("fields", "a.b,c"), ("skip", "true"), ("count", "5")]


def test_what_json_cannot_say_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode({"x": float("nan")})


@pytest.mark.parametrize(
    ("said", "read", "write"),
    [
        (Said(429, b"", ""), ThrottledError, ThrottledError),
        (Said(403, b"", ""), ThrottledError, ThrottledError),
        (Said(403, b"<html>", "text/html"), ThrottledError, ThrottledError),
        (Said(200, b""), UnavailableError, InDoubtError),
        (Said(200, b"{}"), UnavailableError, InDoubtError),
        (Said(200, b"[]"), UnavailableError, InDoubtError),
        (Said(200, b'{"members":[{"id":"1'), UnavailableError, InDoubtError),
        (Said(200, b"<html>", "text/html"), UnavailableError, InDoubtError),
        (Said(200, DONE, length=900), UnavailableError, InDoubtError),
        (Said(504, b"<html>oops"), UnavailableError, InDoubtError),
        (Said(503, b"Request Blocked.", "text/html"), UnavailableError, UnavailableError),
        (Said(302, b"", ""), UnavailableError, UnavailableError),
    ],
)
def test_no_broken_answer_passes_for_success(
    script: Script, said: Said, read: type[MailchimpError], write: type[MailchimpError]
) -> None:
    script.answer = lambda told: said
    with script.connect() as client:
        with pytest.raises(read):
            client.members("abc")
        with pytest.raises(write) as caught:
            client.upsert("abc", batches.body([ADA]))
    assert caught.value.status in {said.status, None}


def test_an_answer_that_trickles_in_ends_at_the_deadline(script: Script) -> None:
    script.answer = lambda told: Said(body=b" " * 64 * 100, pause_s=0.05)
    with script.connect(timeout_s=0.4) as client, pytest.raises(InDoubtError) as caught:
        client.upsert("abc", batches.body([ADA]), attempts=1)
    assert caught.value.title == "time-out"


def test_a_silent_server_ends_at_the_deadline_and_narrows_the_budget(script: Script) -> None:
    def silent(told: Told) -> Said:
        time.sleep(1)
        return Said()

    script.answer = silent
    with script.connect(timeout_s=0.2) as client:
        with pytest.raises(UnavailableError):
            client.members("abc")
        assert client.budget.limit < 10


def test_connections_are_used_again(script: Script) -> None:
    script.answer = lambda told: Said(body=DONE)
    with script.connect() as client:
        for _ in range(5):
            client.upsert("abc", batches.body([ADA]))
    assert len({told.port for told in script.told}) == 1


def test_the_key_goes_out_as_basic_and_a_token_as_bearer(script: Script) -> None:
    from lib.mailchimp.client import connect
    from lib.mailchimp.credentials import Credentials

    with script.connect() as client:
        client.ping()
    with connect(Credentials(script.url, KEY, "a-token")) as client:
        client.ping()
    assert [told.headers["Authorization"].split()[0] for told in script.told] == ["Basic", "Bearer"]
